// Loaded before a program: its clock is wrong by FAULTS_CLOCK_SKEW_MS, as that of a machine whose time service is off.
const skewMs = Number(process.env.FAULTS_CLOCK_SKEW_MS ?? 0);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + skewMs);
    else super(...given);
  }

  static now() {
    return RightDate.now() + skewMs;
  }
};
