// Serves the shop until it is told to stop.
const { bootstrap } = require('@vendure/core');
const { config } = require('./config');
bootstrap(config).then((app) => {
  const stop = async () => { await app.close(); process.exit(0); };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}).catch((e) => { console.error(e); process.exit(1); });
