import { plans } from "../plans.js";

/** Data of the pricing page. The biggest plan stands on the left. */
export function pricingPage(locale) {
  const money = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" });
  const columns = plans().reverse();
  return {
    title: "Plans",
    columns: columns.map((plan) => ({
      id: plan.id,
      name: plan.name,
      price: plan.cents === 0 ? "free" : money.format(plan.cents / 100),
      seats: `up to ${plan.seats} people`,
    })),
  };
}
