import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

describe('npm pack', () => {
  it('builds first, types and all, as other scripts leave a build without types', () => {
    const { prepack, build } = packageJson.scripts;
    expect(prepack).toMatch(/\bnpm run (--silent )?build\b/);
    expect(`${prepack} ${build}`).not.toContain('--no-dts');
  });
});
