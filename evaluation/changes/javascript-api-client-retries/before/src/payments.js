import { ApiError } from "./http.js";

export class CardRefused extends Error {}

/**
 * Charges the card of an order and returns the gateway's charge id.
 * The gateway books one charge for each request it gets; see the settlement
 * report to find those that we did not hear the answer of.
 */
export async function charge(client, order) {
  try {
    const { id } = await client.post("/charges", {
      cents: order.totalCents,
      currency: order.currency,
      card: order.cardToken,
    });
    return id;
  } catch (error) {
    if (error instanceof ApiError && error.status === 402) {
      throw new CardRefused(`card of order ${order.id} was refused`);
    }
    throw error;
  }
}
