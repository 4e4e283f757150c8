/** Files of a commit whose pipeline builds, tests and deploys to staging. */
export const shipped = (over = ''): Record<string, string> => ({
  '.slipway.yml': `
jobs:
  build:
    steps: [{ run: make }]
    artifacts: [{ name: site, path: dist }]
  lint:
    steps: [{ run: make lint }]
  unit:
    kind: test
    needs: build
    steps: [{ run: make test }]
  staging:
    kind: deploy
    needs: build
    environment: staging
app:
  artifact: site
  start: exec node server.js
  minimum-healthy: 0s
${over}`,
});

/** A pipeline that neither tests nor deploys. */
export const builtOnly = { '.slipway.yml': 'jobs: { build: { steps: [{ run: make }] } }' };
