// Prices are per month, without tax.
const PLANS = [
  { id: "free", name: "Free", cents: 0, seats: 2 },
  { id: "team", name: "Team", cents: 1900, seats: 10 },
  { id: "office", name: "Office", cents: 5900, seats: 50 },
  { id: "campus", name: "Campus", cents: 14900, seats: 500 },
];

/** All plans, the smallest first. The list is shared. */
export function plans() {
  return PLANS;
}

export function findPlan(id) {
  return plans().find((plan) => plan.id === id);
}

/** The cheapest plan with enough seats, if there is one. */
export function planFor(seats) {
  return plans().find((plan) => plan.seats >= seats);
}
