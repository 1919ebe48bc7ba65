import { z } from 'zod';

/** Every error answer of the API. `hint` names the remedy. */
export const ErrorBodySchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});
export type ErrorBody = z.infer<typeof ErrorBodySchema>;
