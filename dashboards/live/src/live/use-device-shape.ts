import { useComputed } from '@preact/signals';
import type { LiveDevice } from './device.js';

/**
 * Draws again when the registry's view of the device or its connection changes, and not with every reading: what shows
 * readings follows `device.changed` by itself. Each component that reads them asks for it: one whose properties are the
 * same is not drawn again because its parent is.
 */
export function useDeviceShape(device: LiveDevice): void {
  void useComputed(() => {
    void device.changed.value;
    return device.view;
  }).value;
  void useComputed(() => {
    void device.changed.value;
    return device.online;
  }).value;
}
