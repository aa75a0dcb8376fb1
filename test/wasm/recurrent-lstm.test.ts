import { describeRecurrent } from '../support/recurrent.ts';
import { lstmReference } from '../support/reference-recurrent.ts';

describeRecurrent('SerKitLstm', 4, lstmReference);
