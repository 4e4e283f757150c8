export * from './deploy.js';
export * from './log-chunk.js';
export * from './mac.js';
export * from './name-pattern.js';
export * from './requests.js';
export * from './routes.js';
export * from './subjects.js';
export * from './work.js';
