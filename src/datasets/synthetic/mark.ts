/** Actors from this number on are synthetic; CREMA-D's are 1001 to 1091. */
export const SYNTHETIC_FIRST_ACTOR = 9001;

/** What stands beside every number that comes from synthetic voices. */
export const SYNTHETIC_ATTRIBUTION =
  'Synthetic voices computed by ser-kit, not recordings of people: figures on them say that the software works, ' +
  'nothing about emotion recognition.';
