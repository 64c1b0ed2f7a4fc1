import {KubeConfig} from '@kubernetes/client-node';

export const namespace = process.env.NAMESPACE || 'default';

export function kubeConfig() {
  const config = new KubeConfig();
  config.loadFromDefault(); // KUBECONFIG, else ~/.kube/config, else the pod's own account
  return config;
}

export function serve(app, port) {
  app.get('/healthz', (request, response) => response.sendStatus(204));
  const server = app.listen(Number(process.env.PORT || port), process.env.HOST || '127.0.0.1', (failure) => {
    if (failure) throw failure;
    console.log(`Listening on http://${server.address().address}:${server.address().port}`);
  });
  process.on('SIGTERM', () => server.close());
}
