// For whoever runs a guest in a virtual machine: the files it boots, the machine, what it needs of the host.

export {
  agentProgram,
  type GuestAgent,
  type GuestChild,
  type GuestChildSpec,
  openAgent,
} from './agent.js';
export { type BootFiles, prepareBootFiles } from './boot-files.js';
export { demoGuest, guestDriver, guestDriverProgram, type PlayerOptions } from './guest-programs.js';
export { type GuestProgram, guestRunDir } from './init.js';
export { type Machine, type MachineEnd, type StartOptions, startMachine } from './machine.js';
export {
  cacheFolder,
  currentKernelPackage,
  fetchGuestFiles,
  type GuestFiles,
  isFetched,
} from './packages.js';
export { type ProbeOptions, type ProbeVerdict, probe } from './probe.js';
export { type Accelerator, qemuProgram } from './qemu.js';
export {
  checkRequirements,
  findProgram,
  installLine,
  missingRequirements,
  type Requirement,
  requirements,
} from './requirements.js';
