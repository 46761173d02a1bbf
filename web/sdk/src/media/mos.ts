/** What can be measured of how a call is heard. */
export interface Impairments {
  /** From mouth to ear, in milliseconds. */
  readonly delayMs: number;
  /** Packets that did not come: 0 to 1. */
  readonly lostRate: number;
}

/** A connection with all of the model's defaults: Ro - Is of ITU-T G.107 (06/2015) Table 3. */
const BEST_RATING = 93.2;
/**
 * How well loss is borne (Bpl). The ITU names none for Opus, which conceals and carries its own repairs: between 4.3 for
 * G.711 without concealment and 25.1 with it (G.113 Appendix I). What the codec itself costs (Ie) is that of G.711: nothing.
 */
const LOSS_ROBUSTNESS = 10;

/**
 * The mean opinion score by the E-model, ITU-T G.107 (06/2015): 1 for bad to 4.5 for excellent. Loss counts as random.
 * <https://www.itu.int/rec/T-REC-G.107>
 */
export function mosOf({ delayMs, lostRate }: Impairments): number {
  const lostPercent = 100 * Math.min(1, Math.max(0, lostRate));
  // (7-29), with Ie = 0 and BurstR = 1.
  const loss = (95 * lostPercent) / (lostPercent + LOSS_ROBUSTNESS);
  return mosOfRating(BEST_RATING - delayImpairment(delayMs) - loss);
}

/** Annex B of G.107: what a rating R means in opinions. */
export function mosOfRating(rating: number): number {
  if (rating >= 100) return 4.5;
  // The cubic dips below 1 near zero.
  return Math.max(1, 1 + 0.035 * Math.max(0, rating) + 7e-6 * Math.max(0, rating) * (rating - 60) * (100 - rating));
}

/** Idd: (7-27) and (7-28). */
function delayImpairment(delayMs: number): number {
  if (!(delayMs > 100)) return 0;
  const x = Math.log2(delayMs / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}
