import Type, { type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What may stand in a provisioning file, after Grafana's own structures (pkg/services/provisioning). Grafana drops what
 * it does not know without a word; here it is refused.
 */

const strict = (properties: Record<string, TSchema>) =>
  Type.Object(properties, { additionalProperties: false });
const text = Type.String({ minLength: 1 });
const org = Type.Literal(1);
const version = Type.Literal(1);
const uid = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' });
const duration = Type.String({ pattern: '^[0-9]+(ms|s|m|h|d)$' });
/** A reference to the environment, and nothing that stands in a file. */
const secret = Type.String({ pattern: '^(Token )?\\$\\{[A-Z_]+\\}$' });

const datasource = strict({
  ...{ name: text, uid, type: Type.Literal('influxdb'), access: Type.Literal('proxy'), orgId: org },
  ...{
    url: Type.String({ pattern: '^https?://[^@]+$' }),
    isDefault: Type.Boolean(),
    editable: Type.Boolean(),
  },
  user: Type.Optional(secret),
  jsonData: strict({
    ...{ dbName: text, httpMode: Type.Literal('POST'), version: Type.Optional(Type.Literal('InfluxQL')) },
    httpHeaderName1: Type.Optional(Type.Literal('Authorization')),
  }),
  secureJsonData: strict({ password: Type.Optional(secret), httpHeaderValue1: Type.Optional(secret) }),
});

const provider = strict({
  ...{ name: text, type: Type.Literal('file'), orgId: org, folder: text, folderUid: uid },
  ...{ disableDeletion: Type.Boolean(), allowUiUpdates: Type.Boolean() },
  updateIntervalSeconds: Type.Integer({
    minimum: 11,
    description: 'Below it Grafana watches the file system instead.',
  }),
  options: strict({ path: Type.String({ pattern: '^/' }) }),
});

const range = strict({ from: Type.Integer({ minimum: 0 }), to: Type.Literal(0) });
const reference = strict({ type: text, uid: text });
const evaluator = strict({
  type: Type.Union([Type.Literal('gt'), Type.Literal('lt')]),
  params: Type.Array(Type.Number(), { minItems: 1, maxItems: 1 }),
});
const model = Type.Union([
  strict({
    ...{ refId: text, query: text, rawQuery: Type.Literal(true), resultFormat: Type.Literal('time_series') },
    ...{ datasource: reference, intervalMs: Type.Integer(), maxDataPoints: Type.Integer() },
  }),
  strict({
    ...{ refId: text, type: Type.Literal('reduce'), expression: text, reducer: Type.Literal('last') },
    ...{ settings: strict({ mode: Type.Literal('dropNN') }), datasource: reference },
  }),
  strict({
    ...{ refId: text, type: Type.Literal('threshold'), expression: text, datasource: reference },
    conditions: Type.Array(strict({ evaluator, unloadEvaluator: Type.Optional(evaluator) }), {
      minItems: 1,
      maxItems: 1,
    }),
  }),
]);
const rule = strict({
  ...{ uid, title: Type.String({ minLength: 1, maxLength: 190 }), condition: text, for: duration },
  ...{ noDataState: choice(['OK', 'Alerting', 'NoData']), execErrState: choice(['OK', 'Alerting', 'Error']) },
  ...{ isPaused: Type.Boolean(), dashboardUid: Type.Optional(uid), panelId: Type.Optional(Type.Integer()) },
  labels: strict({ severity: choice(['warn', 'alarm']), source: text }),
  annotations: strict({ summary: text }),
  data: Type.Array(strict({ refId: text, relativeTimeRange: range, datasourceUid: text, model }), {
    minItems: 1,
  }),
});
const group = strict({
  ...{ orgId: org, name: text, folder: text, interval: duration },
  rules: Type.Array(rule, { minItems: 1 }),
});

const receiver = strict({
  ...{ uid, type: Type.Literal('email'), disableResolveMessage: Type.Boolean() },
  settings: strict({ addresses: text, singleEmail: Type.Boolean() }),
});
const route = {
  ...{ receiver: text, group_wait: Type.Optional(duration), group_interval: Type.Optional(duration) },
  ...{ repeat_interval: Type.Optional(duration), mute_time_intervals: Type.Optional(Type.Array(text)) },
};
const matcher = Type.Tuple([text, choice(['=', '!=', '=~', '!~']), text]);
const policy = strict({
  ...{ orgId: org, ...route, group_by: Type.Array(text) },
  routes: Type.Array(strict({ ...route, object_matchers: Type.Array(matcher) })),
});
const clock = Type.String({ pattern: '^([01][0-9]|2[0-4]):[0-5][0-9]$' });
const muteTime = strict({
  ...{ orgId: org, name: text },
  time_intervals: Type.Array(strict({ times: Type.Array(strict({ start_time: clock, end_time: clock })) })),
});

const list = (name: string, item: TSchema) =>
  strict({ apiVersion: version, [name]: Type.Array(item, { minItems: 1 }) });

const SCHEMAS: Readonly<Record<string, TSchema>> = {
  'provisioning/datasources/fieldline.yaml': list('datasources', datasource),
  'provisioning/dashboards/fieldline.yaml': list('providers', provider),
  'provisioning/alerting/fieldline-rules.yaml': strict({
    ...{ apiVersion: version, groups: Type.Array(group) },
    deleteRules: Type.Optional(Type.Array(strict({ orgId: org, uid }), { minItems: 1 })),
  }),
  'provisioning/alerting/fieldline-contact-points.yaml': list('contactPoints', receiverList()),
  'provisioning/alerting/fieldline-policies.yaml': list('policies', policy),
  'provisioning/alerting/fieldline-mute-times.yaml': list('muteTimes', muteTime),
};

const CHECKS = new Map(Object.entries(SCHEMAS).map(([path, schema]) => [path, Compile(schema)]));

/** What is wrong with a provisioning file; a file that no schema is known of is wrong as a whole. */
export function faultsOf(path: string, content: unknown): string[] {
  const check = CHECKS.get(path);
  if (check === undefined) return ['there is no schema of it'];
  return check.Check(content)
    ? []
    : check.Errors(content).map((error) => `${error.instancePath} ${error.message}`);
}

function receiverList(): TSchema {
  return strict({ orgId: org, name: text, receivers: Type.Array(receiver, { minItems: 1 }) });
}

function choice(values: readonly string[]): TSchema {
  return Type.Union(values.map((value) => Type.Literal(value)));
}
