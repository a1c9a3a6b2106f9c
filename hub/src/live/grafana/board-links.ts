/** Where Grafana shows a device; null where nobody has said where Grafana is. */
export type BoardLink = (device: string, profile: string | null) => string | null;

/**
 * Links to the boards that `fieldline dashboards` makes of the same profiles.
 * @param url `grafana.url`. What it logs in with stays out of the links: they are for everybody who sees the device.
 */
export async function openBoardLinks(
  url: string | null,
  profiles: { has(name: string): boolean },
): Promise<BoardLink> {
  if (url === null) return () => null;
  // It is not loaded by hubs without it.
  const { deviceBoardPath } = await import('@fieldline/dashboards/grafana');
  const base = new URL(url);
  base.username = '';
  base.password = '';
  const address = base.href.replace(/\/+$/, '');
  return (device, profile) => {
    const isKnown = profile !== null && profiles.has(profile);
    return `${address}${deviceBoardPath({ device, profile, hasBoard: isKnown })}`;
  };
}
