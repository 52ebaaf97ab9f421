// Headless Vendure on sql.js: no dashboard, no asset server, no email, no worker process, no database server.
// It listens on 127.0.0.1 alone; its passwords are no secrets.
const path = require('path');
const { dummyPaymentHandler, manualFulfillmentHandler, DefaultSearchPlugin, DefaultLogger, LogLevel } = require('@vendure/core');
exports.config = {
  logger: new DefaultLogger({ level: process.env.SHOP_LOG === 'verbose' ? LogLevel.Verbose : LogLevel.Info }),
  apiOptions: { hostname: '127.0.0.1', port: Number(process.env.PORT || 3100), adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: ['bearer', 'api-key', 'cookie'],
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'fixture-only' },
  },
  dbConnectionOptions: { type: 'sqljs', autoSave: true, location: path.join(__dirname, 'shop.sqlite'), synchronize: true, logging: false, migrations: [] },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  shippingOptions: { fulfillmentHandlers: [manualFulfillmentHandler] },
  customFields: {},
  plugins: [DefaultSearchPlugin.init({ bufferUpdates: false, indexStockStatus: false })],
};
