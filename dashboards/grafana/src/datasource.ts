import type { GenerateOptions } from './options.js';
import { DATASOURCE } from './uids.js';
import { fromEnvironment } from './yaml.js';

/** Variables of Grafana's environment that hold what it logs in to InfluxDB with. Empty ones log in as nobody. */
export const CREDENTIALS = {
  username: 'GRAFANA_INFLUX_USERNAME',
  password: 'GRAFANA_INFLUX_PASSWORD',
  token: 'GRAFANA_INFLUX_TOKEN',
} as const;

/** `provisioning/datasources/…`: InfluxDB by InfluxQL, through Grafana's server. */
export function datasourceFile({ influxVersion, influxUrl, database }: GenerateOptions): object {
  const jsonData = { dbName: database, httpMode: 'POST' };
  const access =
    influxVersion === 1
      ? {
          user: fromEnvironment(CREDENTIALS.username),
          jsonData,
          secureJsonData: { password: fromEnvironment(CREDENTIALS.password) },
        }
      : {
          // Versions 2 and 3 answer InfluxQL at the same address to those who show a token.
          jsonData: { ...jsonData, version: 'InfluxQL', httpHeaderName1: 'Authorization' },
          secureJsonData: { httpHeaderValue1: fromEnvironment(CREDENTIALS.token, 'Token ') },
        };
  return {
    apiVersion: 1,
    datasources: [
      {
        ...{ name: 'Fieldline', uid: DATASOURCE.uid, type: DATASOURCE.type, access: 'proxy' },
        ...{ orgId: 1, url: influxUrl, isDefault: true, editable: false },
        ...access,
      },
    ],
  };
}
