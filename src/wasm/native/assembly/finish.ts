// What follows a product: a bias for each column, and an activation, in place.

import { exp4, sigmoid4 } from './activations';

export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const SIGMOID: i32 = 3;
export const ELU: i32 = 4;
export const PRELU: i32 = 5;

// @ts-expect-error: decorator
@inline
function activate4(x: v128, activation: i32, slope: v128): v128 {
  const zero = f32x4.splat(0);
  if (activation == RELU) return f32x4.max(x, zero);
  if (activation == RELU6) return f32x4.min(f32x4.max(x, zero), f32x4.splat(6));
  if (activation == SIGMOID) return sigmoid4(x);
  if (activation == LINEAR) return x;
  const negative = activation == ELU ? f32x4.sub(exp4(x), f32x4.splat(1)) : f32x4.mul(x, slope);
  return v128.bitselect(negative, x, f32x4.lt(x, zero));
}

/**
 * c[m, n], contiguous, becomes activation(c + bias). `bias`: n numbers, or 0 for none. `slopes`: n numbers for PRELU's
 * negative side, otherwise not read.
 */
export function finish(m: i32, n: i32, c: usize, bias: usize, activation: i32, slopes: usize): void {
  if (bias == 0 && activation == LINEAR) return;
  const zero = f32x4.splat(0);
  const sloped = activation == PRELU;
  for (let i = 0; i < m; i++) {
    let j: usize = 0;
    const whole = (<usize>n & ~3) * 4;
    const row = <usize>n * 4;
    for (; j < whole; j += 16, c += 16) {
      const x = bias != 0 ? f32x4.add(v128.load(c), v128.load(bias + j)) : v128.load(c);
      v128.store(c, activate4(x, activation, sloped ? v128.load(slopes + j) : zero));
    }
    for (; j < row; j += 4, c += 4) {
      const x = bias != 0 ? load<f32>(c) + load<f32>(bias + j) : load<f32>(c);
      const slope = sloped ? v128.load_splat<f32>(slopes + j) : zero;
      store<f32>(c, f32x4.extract_lane(activate4(f32x4.splat(x), activation, slope), 0));
    }
  }
}
