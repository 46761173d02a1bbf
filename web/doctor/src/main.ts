/** Offhook's `/doctor`: can calls connect from here? Start reading at `doctor.ts`. */

import { Doctor } from './doctor';
import { takeKey } from './key';

const page = document.getElementById('page');
if (page !== null) {
  void new Doctor(page, takeKey()).test();
}
