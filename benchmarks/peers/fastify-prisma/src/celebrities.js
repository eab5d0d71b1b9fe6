// The public list of celebrities.
import { listCelebrities } from './schemas.js';

const ORDER = [{ averageRating: 'desc' }, { totalReviews: 'desc' }, { id: 'desc' }];

export async function celebrities(app) {
  app.get('/celebrities', { schema: listCelebrities, onRequest: app.perhapsSignedIn }, async (request) => {
    const { page, limit, category } = request.query;
    const where = { isActive: true, category };
    const [rows, total] = await Promise.all([
      app.prisma.celebrity.findMany({
        where,
        orderBy: ORDER,
        skip: (page - 1) * limit,
        take: limit,
        include: included(request.user),
      }),
      app.prisma.celebrity.count({ where }),
    ]);
    const more = page * limit < total;
    return {
      success: true,
      data: {
        items: rows.map(shape),
        page,
        limit,
        total,
        totalPages: Math.ceil(total / limit),
        nextCursor: more ? rows.at(-1).id : null,
      },
    };
  });
}

const included = (user) => ({
  offers: { where: { isActive: true }, select: { name: true, priceCents: true } },
  ...(user && { favorites: { where: { userId: user.sub }, select: { userId: true } } }),
});

function shape({ offers, favorites, createdAt, ...celebrity }) {
  const price = (name) => offers.find((offer) => offer.name === name)?.priceCents ?? null;
  return {
    ...celebrity,
    quickMeetPriceCents: price('quick'),
    standardMeetPriceCents: price('standard'),
    premiumMeetPriceCents: price('premium'),
    isFavorite: favorites ? favorites.length > 0 : null,
    createdAt: createdAt.toISOString(),
  };
}
