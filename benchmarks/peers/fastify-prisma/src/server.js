// The peer: the benched part of the StarryMeet contract on Fastify and Prisma.
import Fastify from 'fastify';
import jwt from '@fastify/jwt';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';

import { bookings } from './bookings.js';
import { celebrities } from './celebrities.js';
import { Refusal, failure } from './errors.js';

const env = process.env;
// Every statement is prepared once a connection; the adapter leaves that to its user.
const names = new Map();
const statementNameGenerator = ({ sql }) => {
  if (!names.has(sql)) names.set(sql, `s${names.size}`);
  return names.get(sql);
};
const adapter = new PrismaPg(
  { connectionString: env.DATABASE_URL, max: Number(env.POOL_SIZE ?? 16) },
  { statementNameGenerator },
);
const prisma = new PrismaClient({ adapter });

// One line a request, as Bookable writes.
const app = Fastify({ logger: { level: 'info' }, disableRequestLogging: true });
app.addHook('onResponse', async (request, reply) => {
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: reply.elapsedTime,
      userId: request.user?.sub,
    },
    'request',
  );
});

await app.register(jwt, { secret: env.JWT_SECRET, verify: { algorithms: ['HS256'], cache: true } });
app.decorate('prisma', prisma);
app.decorate('signedIn', async (request) => {
  try {
    await request.jwtVerify();
  } catch {
    throw new Refusal(401, 'UNAUTHENTICATED', 'A valid access token is needed.');
  }
});
app.decorate('perhapsSignedIn', async (request) => {
  if (request.headers.authorization) await app.signedIn(request);
});

app.setErrorHandler((error, request, reply) => {
  const { status, body } = failure(error, request.log);
  reply.code(status).send(body);
});
app.setNotFoundHandler((request, reply) => {
  const { status, body } = failure(new Refusal(404, 'NOT_FOUND', 'There is nothing here.'));
  reply.code(status).send(body);
});

app.get('/health', async () => ({ status: 'ok' }));
await app.register(celebrities, { prefix: '/api' });
await app.register(bookings, { prefix: '/api' });

app.addHook('onClose', () => prisma.$disconnect());
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => app.close().then(() => process.exit(0)));
}

await prisma.$connect();
await app.listen({ host: '127.0.0.1', port: Number(env.PORT ?? 0) });
