import { describeRecurrent } from '../support/recurrent.ts';
import { simpleRnnReference } from '../support/reference-recurrent.ts';

describeRecurrent('SerKitSimpleRnn', 1, simpleRnnReference);
