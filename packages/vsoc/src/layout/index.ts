/**
 * The window's layout: the header's structs and numbers, region definitions, planning, writing and validating.
 * Pure: this entry is all that a layout.ts or a browser imports.
 */
export { abiHeader } from './abi.js';
export { formatWindow, regionRecord } from './format.js';
export {
  fdScopedPermission,
  fdScopedPermissionArg,
  vsocCondWait,
  vsocDeviceRegion,
  vsocShmLayoutDescriptor,
  vsocSignalTableLayout,
} from './header.js';
export { layoutFromJson, layoutToJson } from './json.js';
export {
  deviceNameBytes,
  headerBytes,
  type IoctlName,
  ioctlNumber,
  layoutVersion,
  maxRegions,
  maxSlotCountLog2,
  maxWindowBytes,
  minWindowBytes,
  nodeFree,
  pageBytes,
  regionFree,
  regionWhole,
  waitType,
} from './numbers.js';
export {
  hex,
  type RegionOffset,
  regionOffset,
  toWindow,
  type WindowOffset,
  windowOffset,
} from './offsets.js';
export { type ParseOptions, parseWindow } from './parse.js';
export { type PlanOptions, planWindow } from './plan.js';
export {
  defineRegion,
  isRegionName,
  lineBytes,
  type RegionDefinition,
  type RegionOptions,
  type RegionVersion,
  regionTable,
  type SignallableWord,
  signallableWords,
  type TailPlace,
  tailOf,
} from './region.js';
export { guestState, system } from './system.js';
export { checkVersion, VersionError } from './version.js';
export {
  findRegion,
  LayoutError,
  type RegionLayout,
  regionBytes,
  type TableLayout,
  type WindowLayout,
} from './window-layout.js';
