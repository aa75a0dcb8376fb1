#!/usr/bin/env node
import { runCli } from './run-cli.ts';

// Whoever reads the results may stop before their end (`| head`): then nobody wants the rest. Of messages that nobody
// reads any more the work itself takes no notice.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.stderr.on('error', () => {});

runCli(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
