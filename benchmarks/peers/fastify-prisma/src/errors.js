// Errors in StarryMeet's envelope.
export class Refusal extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

const envelope = (code, message, details = {}) => ({ success: false, error: { code, message, details } });

export function failure(error, log) {
  if (error instanceof Refusal) {
    return { status: error.status, body: envelope(error.code, error.message, error.details) };
  }
  if (error.validation) {
    const fields = error.validation.map((problem) => ({
      field: problem.params?.missingProperty ?? problem.instancePath.slice(1),
      message: problem.message,
    }));
    return { status: 422, body: envelope('VALIDATION_ERROR', 'Something is not as it must be.', { fields }) };
  }
  if (error.statusCode && error.statusCode < 500) {
    return { status: error.statusCode, body: envelope('MALFORMED_REQUEST', error.message) };
  }
  log?.error(error);
  return { status: 500, body: envelope('INTERNAL_ERROR', 'Something went wrong on our side.') };
}
