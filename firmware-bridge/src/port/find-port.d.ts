import type { autoDetect } from '@serialport/bindings-cpp';
import type { PortMatch } from '../config/config.js';
type Binding = ReturnType<typeof autoDetect>;
/**
 * The path of the port that fits. A path is taken as it is, since ptys and links to ports are in no list.
 * @throws Error that says what was not found
 */
export declare function findPort(match: PortMatch, binding: Pick<Binding, 'list'>): Promise<string>;
export {};
//# sourceMappingURL=find-port.d.ts.map