import { quote, SerKitError } from '../core/errors.ts';
import { fieldsOf } from './kaldi-components.ts';
import type { KaldiPath, KaldiStep } from './kaldi-graph.ts';
import type { XvectorFrameLayer, XvectorLayer, XvectorPooling } from './weights.ts';

/** What a chain of components comes to. */
export interface KaldiLayers {
  readonly frameLayers: readonly XvectorFrameLayer[];
  readonly pooling: XvectorPooling;
  readonly segmentLayers: readonly XvectorLayer[];
  /** How many frames after its first the pooling takes in. */
  readonly pooledFrames: number;
}

type Draft = { -readonly [K in keyof XvectorFrameLayer]: XvectorFrameLayer[K] };

/**
 * The components of a path as layers, affine -> rectifier -> batch norm.
 *
 * @throws SerKitError 'unsupported' naming the node that has no place in this form; 'bad-format' for widths that do not fit
 */
export function kaldiLayers(who: string, { inputDims, steps }: KaldiPath): KaldiLayers {
  const frameLayers: XvectorFrameLayer[] = [];
  const segmentLayers: XvectorLayer[] = [];
  let layer: Draft | undefined;
  let pooled: { readonly period: number } | undefined;
  let pooling: (XvectorPooling & { readonly left: number; readonly right: number }) | undefined;
  let dims = inputDims;

  const close = (): void => {
    if (layer === undefined) return;
    if (pooling === undefined) frameLayers.push(layer);
    else {
      const { offsets: _, ...segment } = layer;
      segmentLayers.push(segment);
    }
    layer = undefined;
  };

  for (const step of steps) {
    const { component, node, offsets } = step;
    const refuse = (expected: string, got: unknown): never => {
      throw new SerKitError('unsupported', `${who}: node ${node} expected ${expected}, got ${quote(got)}`);
    };
    const fields = fieldsOf(who, component);
    const ofDim = (field: string): void => {
      if (fields.number(field, 1) !== dims) fields.refuse(field, `${dims}`, fields.number(field, 1));
    };
    if (step.rounded && pooling === undefined) refuse('Round after the pooling alone', 'Round before it');
    if (pooled !== undefined && pooling === undefined && component.type !== 'StatisticsPoolingComponent') {
      refuse('a StatisticsPoolingComponent', component.type);
    }
    switch (component.type) {
      case 'NaturalGradientAffineComponent':
      case 'AffineComponent':
      case 'FixedAffineComponent':
      case 'LinearComponent':
      case 'TdnnComponent': {
        close();
        layer = affine(who, step, dims);
        if (pooling !== undefined && (layer.offsets.length !== 1 || layer.offsets[0] !== 0)) {
          refuse('no frames around it after the pooling', layer.offsets);
        }
        dims = layer.outputs;
        break;
      }
      case 'RectifiedLinearComponent':
        alone(offsets, refuse);
        ofDim('Dim');
        if (layer === undefined || layer.slope !== null) return refuse('an affine component before it', component.type);
        if (layer.norm !== null) foldNorm(layer);
        layer.slope = 0;
        break;
      case 'BatchNormComponent':
        alone(offsets, refuse);
        ofDim('Dim');
        if (layer === undefined || layer.norm !== null) {
          return refuse('an affine component before it, and one batch norm after that', component.type);
        }
        layer.norm = norm(fields, dims);
        break;
      case 'NoOpComponent':
      case 'DropoutComponent':
        alone(offsets, refuse);
        ofDim('Dim');
        break;
      case 'StatisticsExtractionComponent':
        alone(offsets, refuse);
        close();
        if (frameLayers.length === 0 || pooling !== undefined) {
          refuse('one pooling, after affine components', 'another place');
        }
        ofDim('InputDim');
        if (fields.number('InputPeriod', 1) !== 1) refuse('InputPeriod 1', fields.number('InputPeriod', 1));
        if (!fields.boolean('IncludeVarinance')) refuse('IncludeVarinance T', false);
        pooled = { period: fields.number('OutputPeriod', 1) };
        dims = 2 * dims + 1;
        break;
      case 'StatisticsPoolingComponent': {
        alone(offsets, refuse);
        if (pooled === undefined) return refuse('a StatisticsExtractionComponent before it', 'none');
        ofDim('InputDim');
        const period = fields.number('InputPeriod', 1);
        if (period !== pooled.period) refuse(`InputPeriod ${pooled.period}, as what is before it gives`, period);
        if (fields.number('NumLogCountFeatures', 0) !== 0) refuse('NumLogCountFeatures 0', 'more');
        if (!fields.boolean('OutputStddevs')) refuse('OutputStddevs T', false);
        const floor = fields.number('VarianceFloor', 0);
        const [left, right] = [fields.number('LeftContext', 0), fields.number('RightContext', 0)];
        pooling = { deviation: 'biased', added: 0, floor, left, right };
        dims -= 1;
        break;
      }
      default:
        refuse('a component of the x-vector recipes', component.type);
    }
  }
  close();
  if (pooling === undefined || segmentLayers.length === 0) {
    throw new SerKitError('unsupported', `${who}: the network expected a pooling before the embedding, got none`);
  }
  const { left, right, ...rest } = pooling;
  // Kaldi asks for frame 0 of the output and gives frames from 0 on: all that can be computed have to lie in its reach.
  const first = frameLayers.reduce((sum, { offsets }) => sum - offsets[0]!, 0);
  const last = frameLayers.reduce((sum, { offsets }) => sum + offsets.at(-1)!, 0);
  if (first < -left || last < 0) {
    throw new SerKitError(
      'unsupported',
      `${who}: the network expected frames around the pooled one, within its reach of ${left} before, got none from ${-first} to ${last}`,
    );
  }
  return { frameLayers, pooling: rest, segmentLayers, pooledFrames: right };
}

function alone(offsets: readonly number[], refuse: (expected: string, got: unknown) => never): void {
  if (offsets.length !== 1 || offsets[0] !== 0) refuse('the frame itself as its input', offsets);
}

/** An affine component over joined frames: Kaldi's [outputs, joined inputs] turned into [offsets, inputs, outputs]. */
function affine(who: string, { component, node, offsets }: KaldiStep, inputs: number): Draft {
  const fields = fieldsOf(who, component);
  const linear = component.type === 'LinearComponent';
  const params = fields.array(linear ? 'Params' : 'LinearParams');
  let taps = offsets;
  if (component.type === 'TdnnComponent') {
    if (offsets.length !== 1) fields.refuse('input', 'one node', `${offsets.length} joined`);
    taps = fields.integers('TimeOffsets').map((offset) => offset + offsets[0]!);
  }
  const order = taps.map((_, tap) => tap).sort((a, b) => taps[a]! - taps[b]!);
  const sorted = order.map((tap) => taps[tap]!);
  const step = sorted.length > 1 ? sorted[1]! - sorted[0]! : 1;
  if (sorted.length === 0 || sorted.some((offset, i) => offset !== sorted[0]! + i * step) || step < 1) {
    throw new SerKitError(
      'unsupported',
      `${who}: node ${node} expected offsets that are evenly spaced, each once, got ${quote(taps)}`,
    );
  }
  const { rows: outputs, cols } = params;
  if (outputs < 1 || cols !== taps.length * inputs) {
    fields.refuse('columns', `${taps.length} x ${inputs} of the inputs`, cols);
  }
  const biases = linear ? undefined : fields.array('BiasParams');
  // A TdnnComponent may have no bias.
  const biased = biases !== undefined && !(component.type === 'TdnnComponent' && biases.cols === 0);
  if (biased && biases.cols !== outputs) fields.refuse('BiasParams', `${outputs} numbers`, biases.cols);
  const values = params.read();
  const kernel = new Float32Array(values.length);
  for (const [at, tap] of order.entries()) {
    for (let i = 0; i < inputs; i++) {
      const row = (at * inputs + i) * outputs;
      const column = tap * inputs + i;
      for (let o = 0; o < outputs; o++) kernel[row + o] = values[o * cols + column]!;
    }
  }
  const bias = biased ? Float32Array.from(biases.read()) : new Float32Array(outputs);
  return { name: node, inputs, outputs, kernel, bias, slope: null, norm: null, offsets: sorted };
}

/** Batch norm once training is over, whatever its TestMode says: (x - mean) * targetRms / sqrt(variance + epsilon). */
function norm(fields: ReturnType<typeof fieldsOf>, dims: number): NonNullable<XvectorLayer['norm']> {
  const block = fields.number('BlockDim', 1, dims);
  if (dims % block !== 0) fields.refuse('BlockDim', `a divisor of Dim = ${dims}`, block);
  if (fields.number('Count', 0) === 0) fields.refuse('Count', '> 0, statistics of a network that was trained', 0);
  const [epsilon, rms] = [fields.number('Epsilon', 0), fields.number('TargetRms', 0)];
  const [means, variances] = [fields.array('StatsMean'), fields.array('StatsVar')];
  if (means.cols !== block) fields.refuse('StatsMean', `${block} numbers`, means.cols);
  if (variances.cols !== block) fields.refuse('StatsVar', `${block} numbers`, variances.cols);
  const [mean, variance] = [means.read(), variances.read()];
  const scale = new Float32Array(dims);
  const shift = new Float32Array(dims);
  for (let d = 0; d < dims; d++) {
    // The statistics repeat over the blocks.
    const factor = rms / Math.sqrt(Math.max(variance[d % block]!, 0) + epsilon);
    scale[d] = factor;
    shift[d] = -mean[d % block]! * factor;
  }
  return { scale, shift };
}

/** Batch norm between affine and rectifier becomes part of the affine. */
function foldNorm(layer: Draft): void {
  const { scale, shift } = layer.norm!;
  const { outputs } = layer;
  layer.kernel = layer.kernel.map((value, i) => value * scale[i % outputs]!);
  layer.bias = layer.bias.map((value, o) => value * scale[o]! + shift[o]!);
  layer.norm = null;
}
