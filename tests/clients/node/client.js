// The story on grpc-js: client.js PROTO-DIRECTORY HOST. It prints what it sees, a line of JSON for each step; the test
// that started it knows what that must be (../client_test_case.py). Stubs are made from the .proto files while it
// starts.
'use strict';

const crypto = require('crypto');
const readline = require('readline');

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const [protoDirectory, host] = process.argv.slice(2);
const definition = protoLoader.loadSync(
  ['lmp/v1/customer_service.proto', 'lmp/v1/licensing_service.proto', 'google/rpc/status.proto',
    'google/rpc/error_details.proto'],
  { keepCase: true, enums: String, defaults: true, includeDirs: [protoDirectory] });
const lmp = grpc.loadPackageDefinition(definition).lmp.v1;
const options = {
  'grpc.enable_http_proxy': 0, 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200,
};
const customers = new lmp.CustomerService(host, grpc.credentials.createInsecure(), options);
const licensing = new lmp.LicensingService(host, grpc.credentials.createInsecure(), options);

const say = (step, fields) => console.log(JSON.stringify({ step, ...fields }));
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// The status of a failed call, from its trailer, with its details by the short names of their types.
function errorOf(error) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = bytes ? definition['google.rpc.Status'].deserialize(bytes)
    : { code: error.code, message: error.details, details: [] };
  const details = {};
  for (const any of status.details) {
    const type = any.type_url.split('/').pop();
    details[type.split('.').pop()] = definition[type].deserialize(any.value);
  }
  return { code: status.code, message: status.message, details };
}

// {response, replayed}, or an exception with `refused`.
function once(service, method, request) {
  return new Promise((resolve, reject) => {
    let response;
    const call = service[method](request, { deadline: Date.now() + 30000 }, (error, value) => {
      if (error) {
        reject(Object.assign(error, { refused: errorOf(error) }));
      } else {
        response = value;
      }
    });
    call.on('status', (status) => {
      if (status.code === grpc.status.OK) {
        resolve({ response, replayed: status.metadata.get('lmp-replayed')[0] === 'true' });
      }
    });
  });
}

let unavailable = 0;
const unexpected = [];

// The same request again while the answer is UNAVAILABLE: with its request_id that is safe. Any other failure is one
// too many, but does not keep us from going on.
async function retried(service, method, request) {
  for (;;) {
    try {
      return await once(service, method, request);
    } catch (error) {
      if (error.code === grpc.status.UNAVAILABLE) unavailable += 1;
      else unexpected.push(error.message);
      if (unexpected.length > 1000) throw error;
      await sleep(10 * Math.random());
    }
  }
}

async function refusal(service, method, request) {
  try {
    await once(service, method, request);
  } catch (error) {
    if (error.refused) return error.refused;
    throw error;
  }
  throw new Error(`${method} was not refused`);
}

const create = (service, method, fields) => once(service, method, { ...fields, request_id: crypto.randomUUID() });
const customer = (id) => ({
  customer_id: id,
  customer: {
    partner: 'partners/script-msp', display_name: `The ${id}`, city: 'Bonn', region: 'NRW', country: 'DE',
    contact: { given_name: 'Ada', family_name: 'Berg', email: 'ada@bakery.example' },
  },
});
const assign = (id, plan, units, more) => ({
  parent: `customers/${id}`, service_plan: `servicePlans/${plan}`, request_id: crypto.randomUUID(), ...more,
  units: Object.entries(units).map(([product, count]) => ({ product: `products/${product}`, units: count })),
});

async function catalog() {
  await create(customers, 'CreatePartner', {
    partner_id: 'script-north', partner: { display_name: 'North', tier: 'DISTRIBUTOR' } });
  await create(customers, 'CreatePartner', {
    partner_id: 'script-msp', partner: { display_name: 'Script', tier: 'RESELLER', parent: 'partners/script-north' } });
  const product = (id, fields) => create(licensing, 'CreateProduct', {
    product_id: id, product: { display_name: id, ...fields } });
  await product('drive', { kind: 'SERVICE', unit: 'USER' });
  await product('mail', { kind: 'SERVICE', unit: 'MAILBOX' });
  await product('disk', { kind: 'SOFTWARE', unit: 'ENCRYPTION_KEY' });
  await product('suite', { kind: 'SUITE', components: ['products/disk', 'products/drive', 'products/mail'] });
  const plan = (id, of) => create(licensing, 'CreateServicePlan', {
    service_plan_id: id,
    service_plan: {
      partner: 'partners/script-msp', display_name: id, product: `products/${of}`, initial_term_months: 12 } });
  await plan('drive-annual', 'drive');
  await plan('disk-annual', 'disk');
  await plan('suite-annual', 'suite');
  for (const id of ['bakery', 'cinema', 'dairy', 'florist', 'gym-one']) {
    await create(customers, 'CreateCustomer', customer(id));
  }
}

async function badInput() {
  const error = await refusal(customers, 'CreateCustomer',
    { customer: { country: 'Germany', contact: { email: 'ada' } } });
  say('invalid', {
    code: error.code, reason: error.details.ErrorInfo.reason, domain: error.details.ErrorInfo.domain,
    fields: error.details.BadRequest.field_violations.map((violation) => violation.field).sort() });
}

async function crossgrade() {
  await once(licensing, 'AssignServicePlan', assign('bakery', 'drive-annual', { drive: 25 }));
  await once(licensing, 'AssignServicePlan', assign('bakery', 'disk-annual', { disk: 5 }));
  const suite = assign('bakery', 'suite-annual', { drive: 40, mail: 60, disk: 10 });
  const error = await refusal(licensing, 'AssignServicePlan', suite);
  const { duplicates } = error.details.CrossgradeRequired;
  say('refused', {
    code: error.code, reason: error.details.ErrorInfo.reason,
    duplicates: duplicates.map(({ product, license, choices }) => ({ product, license, choices })) });
  // The last of the choices: TRANSFER for a service, NEW_LICENSE for software.
  const resolutions = duplicates.map(({ product, choices }) => ({ product, choice: choices.at(-1) }));
  suite.crossgrade = { mode: 'EXPLICIT', resolutions };
  const { response } = await once(licensing, 'AssignServicePlan', suite);
  say('assigned', {
    subscription: response.subscription.name,
    licenses: response.subscription.licenses.map(({ name, product, units }) => ({ name, product, units })),
    outcomes: response.crossgrade_outcomes.map(({ product, resolution }) => ({ product, resolution })) });
}

async function pages() {
  const found = [];
  let token = '';
  do {
    const { response } = await once(customers, 'ListCustomers', { page_size: 2, page_token: token });
    found.push(response.customers.map((one) => one.name));
    token = response.next_page_token;
  } while (token);
  say('pages', { pages: found });
}

// Assigns on and on while the server is stopped and started again; then sends the first request of all once more.
async function restart() {
  const request = assign('cinema', 'drive-annual', { drive: 7 });
  const first = await once(licensing, 'AssignServicePlan', request);
  let running = true;
  readline.createInterface({ input: process.stdin }).once('line', () => { running = false; process.stdin.pause(); });
  say('restart', {});
  const assigned = {};
  const work = async (worker) => {
    for (let i = 0; running; i += 1) {
      const id = `burst-${worker}-${i}`;
      await retried(customers, 'CreateCustomer', { ...customer(id), request_id: crypto.randomUUID() });
      const { response } = await retried(licensing, 'AssignServicePlan', assign(id, 'drive-annual', { drive: 3 }));
      assigned[id] = response.subscription.name;
    }
  };
  await Promise.all([...Array(32).keys()].map(work));
  const again = await retried(licensing, 'AssignServicePlan', request);
  say('resumed', {
    unavailable, unexpected: unexpected.slice(0, 3), assigned,
    first: first.response.subscription.name, again: again.response.subscription.name,
    replayed: [first.replayed, again.replayed] });
}

(async () => {
  await catalog();
  await badInput();
  await crossgrade();
  await pages();
  await restart();
  customers.close();
  licensing.close();
})().catch((error) => {
  console.error(error, JSON.stringify(error.refused));
  process.exit(1);
});
