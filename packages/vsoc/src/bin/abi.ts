/** `npm run -s abi`: prints the kernel interface as a C header. */
import { abiHeader } from '../layout/abi.js';

process.stdout.write(abiHeader());
