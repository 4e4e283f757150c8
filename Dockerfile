# One image for server, agent and router; docker-compose.yml says which of them a container runs.
FROM node:24-bookworm-slim AS build
WORKDIR /slipway
COPY package.json package-lock.json turbo.json tsconfig.base.json vitest.shared.ts schema.graphql ./
COPY protocol/package.json protocol/
COPY server/package.json server/
COPY agents/package.json agents/
COPY router/package.json router/
COPY web/package.json web/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
# The image brings Node.js and needs no Postgres of its own.
RUN npm run build \
 && npm ci --omit=dev --workspace protocol --workspace server --workspace agents --workspace router --no-audit --no-fund

FROM node:24-bookworm-slim
# git, openssh-client: repositories, mirrors and checkouts · haproxy: requests of environments · bubblewrap, slirp4netns: the sandbox of jobs
RUN apt-get update \
 && apt-get install -y --no-install-recommends git openssh-client ca-certificates haproxy bubblewrap slirp4netns util-linux \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /slipway
COPY --from=build /slipway /slipway
# As npm start gives them: a third less memory at rest, and no line slower.
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --max-semi-space-size=4" MALLOC_ARENA_MAX=2
CMD ["node", "server/dist/main.js"]
