import { quote, SerKitError } from '../core/errors.ts';
import type { KaldiArray, KaldiReader } from './kaldi-binary.ts';

type Kind = 'number' | 'numbers' | 'integer' | 'pair' | 'boolean' | 'vector' | 'matrix' | 'integers';

type Field = number | boolean | readonly number[] | KaldiArray;

/** A component of a network as its file has it: what it is called, what it is, what it holds. */
export interface KaldiComponent {
  readonly name: string;
  readonly type: string;
  readonly fields: ReadonlyMap<string, Field>;
}

// What each type writes between its tags (Kaldi's src/nnet3, the Write() of each, with what earlier versions wrote).
const UPDATABLE = {
  LearningRateFactor: 'number',
  IsGradient: 'boolean',
  MaxChange: 'number',
  L2Regularize: 'number',
  LearningRate: 'number',
} as const;

const AFFINE = { ...UPDATABLE, LinearParams: 'matrix', BiasParams: 'vector', OrthonormalConstraint: 'number' } as const;

const NONLINEAR = {
  Dim: 'integer',
  BlockDim: 'integer',
  ValueAvg: 'vector',
  DerivAvg: 'vector',
  Count: 'number',
  OderivRms: 'vector',
  OderivCount: 'number',
  NumDimsSelfRepaired: 'number',
  NumDimsProcessed: 'number',
  SelfRepairLowerThreshold: 'number',
  SelfRepairUpperThreshold: 'number',
  SelfRepairScale: 'number',
} as const;

const DROPOUT = {
  Dim: 'integer',
  DropoutProportion: 'number',
  DropoutPerFrame: 'boolean',
  TestMode: 'boolean',
} as const;

const TYPES: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  NaturalGradientAffineComponent: {
    ...AFFINE,
    RankIn: 'integer',
    RankOut: 'integer',
    UpdatePeriod: 'integer',
    NumSamplesHistory: 'number',
    Alpha: 'number',
    MaxChangePerSample: 'number',
    UpdateCount: 'number',
    ActiveScalingCount: 'number',
    MaxChangeScaleStats: 'number',
  },
  AffineComponent: AFFINE,
  FixedAffineComponent: { LinearParams: 'matrix', BiasParams: 'vector' },
  LinearComponent: {
    ...UPDATABLE,
    Params: 'matrix',
    OrthonormalConstraint: 'number',
    UseNaturalGradient: 'boolean',
    RankInOut: 'pair',
    Alpha: 'number',
    NumSamplesHistory: 'number',
    UpdatePeriod: 'integer',
  },
  TdnnComponent: {
    ...AFFINE,
    TimeOffsets: 'integers',
    UseNaturalGradient: 'boolean',
    NumSamplesHistory: 'number',
    AlphaInOut: 'numbers',
    RankInOut: 'pair',
  },
  RectifiedLinearComponent: NONLINEAR,
  SigmoidComponent: NONLINEAR,
  TanhComponent: NONLINEAR,
  SoftmaxComponent: NONLINEAR,
  LogSoftmaxComponent: NONLINEAR,
  BatchNormComponent: {
    Dim: 'integer',
    BlockDim: 'integer',
    Epsilon: 'number',
    TargetRms: 'number',
    TestMode: 'boolean',
    Count: 'number',
    StatsMean: 'vector',
    StatsVar: 'vector',
  },
  StatisticsExtractionComponent: {
    InputDim: 'integer',
    InputPeriod: 'integer',
    OutputPeriod: 'integer',
    // Kaldi's spelling.
    IncludeVarinance: 'boolean',
  },
  StatisticsPoolingComponent: {
    InputDim: 'integer',
    InputPeriod: 'integer',
    LeftContext: 'integer',
    RightContext: 'integer',
    NumLogCountFeatures: 'integer',
    OutputStddevs: 'boolean',
    VarianceFloor: 'number',
    RequireDirectInput: 'boolean',
  },
  NoOpComponent: { Dim: 'integer', BackpropScale: 'number' },
  DropoutComponent: DROPOUT,
};

/**
 * The next component of a file, from its `<ComponentName>`.
 *
 * @throws SerKitError 'unsupported' for a type that is not in the table, 'bad-format', 'truncated'
 */
export function readKaldiComponent(who: string, reader: KaldiReader): KaldiComponent {
  reader.expect('<ComponentName>');
  const name = reader.token('a component: name');
  const tag = reader.token(`component ${name}: type`);
  const type = /^<(\w+)>$/.exec(tag)?.[1] ?? '';
  const kinds = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (kinds === undefined) {
    throw new SerKitError(
      'unsupported',
      `${who}: component ${name}: type expected one of ${Object.keys(TYPES).join(', ')}, got ${quote(tag)}`,
    );
  }
  const fields = new Map<string, Field>();
  for (;;) {
    const token = reader.token(`component ${name}: the next field of ${type}`);
    if (token === `</${type}>`) return { name, type, fields };
    const field = /^<(\w+)>$/.exec(token)?.[1] ?? '';
    const kind = Object.hasOwn(kinds, field) ? kinds[field] : undefined;
    if (kind === undefined || fields.has(field)) {
      const expected = kind === undefined ? `a field of ${type}` : 'each field once';
      throw new SerKitError('bad-format', `${who}: component ${name} expected ${expected}, got ${quote(token)}`);
    }
    fields.set(field, readField(reader, kind, `component ${name}: ${field}`));
  }
}

function readField(reader: KaldiReader, kind: Kind, what: string): Field {
  switch (kind) {
    case 'numbers':
      return [reader.number(what), reader.number(what)];
    case 'pair':
      return [reader.integer(what), reader.integer(what)];
    default:
      return reader[kind](what);
  }
}

/** What a component's fields are taken out with: each is there and in its range, or refused by name. */
export function fieldsOf(who: string, { name, fields }: KaldiComponent) {
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw new SerKitError('bad-format', `${who}: component ${name}: ${field} expected ${expected}, got ${quote(got)}`);
  };
  const take = (field: string): Field => fields.get(field) ?? refuse(field, 'to be there', 'none');
  return {
    number(field: string, least: number, otherwise?: number): number {
      const value = fields.has(field) || otherwise === undefined ? take(field) : otherwise;
      return Number.isFinite(value) && (value as number) >= least
        ? (value as number)
        : refuse(field, `>= ${least}`, value);
    },
    boolean: (field: string): boolean => take(field) === true,
    integers: (field: string): readonly number[] => take(field) as readonly number[],
    array: (field: string): KaldiArray => take(field) as KaldiArray,
    refuse,
  };
}
