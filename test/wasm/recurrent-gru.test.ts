import { describeRecurrent } from '../support/recurrent.ts';
import { gruReference } from '../support/reference-recurrent.ts';

describeRecurrent('SerKitGru', 3, gruReference);
