// Fills an empty shop with Vendure's sample catalogue.
const fs = require('fs');
const path = require('path');
const { bootstrap } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { config } = require('./config');
(async () => {
  const initial = JSON.parse(fs.readFileSync(path.join(__dirname, 'initial-data.json'), 'utf8'));
  initial.collections = initial.collections.map(({ assetPaths, ...c }) => c); // There is no asset server.
  const app = await populate(
    () => bootstrap({ ...config, importExportOptions: { importAssetsDir: __dirname } }),
    initial, path.join(__dirname, 'products.noassets.csv'));
  await app.close();
  process.exit(0);
})().catch((e) => { console.error(e); process.exit(1); });
