import type { Command } from 'commander';
import type { Act } from './act.ts';
import type { Terminal } from './terminal.ts';
import { addXvectorCompare } from './xvector-compare.ts';
import { addXvectorConvert } from './xvector-convert.ts';
import { addXvectorEmbed } from './xvector-embed.ts';
import { addXvectorEvaluate } from './xvector-evaluate.ts';
import { addXvectorTrain } from './xvector-train.ts';

/** `ser-kit xvector NAME`: each name has a file, xvector-NAME.ts. */
export function addXvectorCommand(program: Command, terminal: Terminal, act: Act): void {
  const xvector = program
    .command('xvector')
    .description('x-vectors, the numbers that tell speakers apart: their networks, training and scoring');
  for (const add of [addXvectorConvert, addXvectorTrain, addXvectorCompare, addXvectorEmbed, addXvectorEvaluate])
    add(xvector, terminal, act);
}
