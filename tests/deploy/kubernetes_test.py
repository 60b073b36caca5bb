"""deploy/kubernetes: rendered by real kustomize, held against Kubernetes' definitions, itself, and the server."""

import copy
import pathlib
import re
import subprocess
import unittest

import yaml

from kubernetes import Models
from lmp_server import run_server_command
import tools

DEPLOY = pathlib.Path(__file__).parents[2] / 'deploy'
OVERLAYS = ('dev', 'production')


def render(overlay):
    done = subprocess.run([tools.kubectl(), 'kustomize', DEPLOY / 'kubernetes' / 'overlays' / overlay],
                          capture_output=True, encoding='utf-8', timeout=60)
    assert done.returncode == 0, done.stderr
    assert 'deprecated' not in done.stderr, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pod_of(manifest):
    """The pod that a workload makes, or None."""
    return manifest['spec']['template'] if manifest['kind'] in ('Deployment', 'StatefulSet', 'Job') else None


def selected(selector, labels):
    expressions = selector.get('matchExpressions', [])
    return all(labels.get(k) == v for k, v in selector.get('matchLabels', {}).items()) and all(
        e['operator'] == 'In' and labels.get(e['key']) in e['values'] for e in expressions)


class KubernetesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = Models(tools.kubernetes_models())
        cls.rendered = {overlay: render(overlay) for overlay in OVERLAYS}

    def each(self, *kinds):
        for overlay, manifests in self.rendered.items():
            for manifest in manifests:
                if not kinds or manifest['kind'] in kinds:
                    with self.subTest(overlay=overlay, kind=manifest['kind'], name=manifest['metadata']['name']):
                        yield overlay, manifest

    def one(self, overlay, kind, name):
        return next(m for m in self.rendered[overlay]
                    if m['kind'] == kind and re.fullmatch(name, m['metadata']['name']))

    def settings(self, overlay):
        return self.one(overlay, 'ConfigMap', 'lmp-server-.*')['data']

    def server(self, overlay):
        return self.one(overlay, 'Deployment', 'lmp-server')

    def test_each_object_is_one_that_kubernetes_knows(self):
        for _, manifest in self.each():
            if manifest['apiVersion'] != 'monitoring.coreos.com/v1':  # the operator's own
                self.assertEqual(self.models.faults(manifest), [])

    def test_the_operator_s_objects_are_our_alerts_and_find_our_metrics(self):
        alerts = yaml.safe_load((DEPLOY / 'prometheus' / 'alerts.yaml').read_text())
        self.assertEqual(self.one('production', 'PrometheusRule', 'lmp')['spec'], alerts)
        monitor = self.one('production', 'ServiceMonitor', 'lmp-server')['spec']
        service = self.one('production', 'Service', 'lmp-headless')
        self.assertTrue(selected(monitor['selector'], service['metadata']['labels']))
        self.assertIn(monitor['endpoints'][0]['port'], [p['name'] for p in service['spec']['ports']])
        # The label that the alerts ask for, job="lmp", is that of the service.
        self.assertEqual(service['metadata']['labels'][monitor['jobLabel']], 'lmp')

    def test_the_autoscaler_asks_for_the_metric_that_the_adapter_s_rule_makes(self):
        rule, = yaml.safe_load((DEPLOY / 'kubernetes/components/queue-wait/adapter-rule.yaml').read_text())['rules']
        self.assertEqual(rule.keys(), {'seriesQuery', 'resources', 'name', 'metricsQuery'})
        self.assertEqual(rule['resources'], {'overrides': {r: {'resource': r} for r in ('namespace', 'pod')}})
        self.assertEqual(set(re.findall(r'<<.*?>>', rule['metricsQuery'])), {'<<.GroupBy>>', '<<.LabelMatchers>>'})
        metrics = self.one('production', 'HorizontalPodAutoscaler', 'lmp-server')['spec']['metrics']
        self.assertEqual([m['type'] for m in metrics], ['Resource', 'Pods'])
        self.assertEqual(metrics[1]['pods']['metric']['name'], rule['name']['as'])

    def test_what_is_wrong_is_found(self):
        def broken(change):
            manifest = copy.deepcopy(self.server('dev'))
            change(manifest['spec']['template']['spec'])
            return self.models.faults(manifest)

        def misspell(pod):
            pod['containers'][0]['readinessProb'] = {}

        def mistype(pod):
            pod['terminationGracePeriodSeconds'] = '45'

        def forget(pod):
            del pod['containers'][0]['name']

        self.assertIn('.readinessProb: there is no such field', broken(misspell)[0])
        self.assertIn("'45' is no number", broken(mistype)[0])
        self.assertIn('.name: is required', broken(forget)[0])
        self.assertEqual(self.models.faults({'apiVersion': 'apps/v1beta1', 'kind': 'Deployment'}),
                         ['apps/v1beta1 Deployment: no such kind'])

    def test_all_is_in_one_namespace_that_demands_restricted_pods(self):
        for overlay, manifest in self.each():
            if manifest['kind'] == 'Namespace':
                self.assertEqual(manifest['metadata']['labels']['pod-security.kubernetes.io/enforce'], 'restricted')
            else:
                self.assertEqual(manifest['metadata']['namespace'], 'lmp')

    def test_pods_are_as_restricted_as_that_demands_and_more(self):
        for _, manifest in self.each('Deployment', 'StatefulSet', 'Job'):
            pod = pod_of(manifest)['spec']
            self.assertIs(pod['securityContext']['runAsNonRoot'], True)
            self.assertEqual(pod['securityContext']['seccompProfile'], {'type': 'RuntimeDefault'})
            self.assertIs(pod['automountServiceAccountToken'], False)
            self.assertIn(pod['serviceAccountName'], {m['metadata']['name'] for _, m in self.each('ServiceAccount')})
            for volume in pod['volumes']:
                self.assertEqual(len({'secret', 'emptyDir'} & volume.keys()), 1, volume)
            for container in pod['containers']:
                security = container['securityContext']
                self.assertIs(security['allowPrivilegeEscalation'], False)
                self.assertIs(security['readOnlyRootFilesystem'], True)
                self.assertEqual(security['capabilities'], {'drop': ['ALL']})
                self.assertTrue({'cpu', 'memory'} <= container['resources']['requests'].keys())
                self.assertIn('memory', container['resources']['limits'])

    def test_the_user_is_that_of_the_image(self):
        user, group = re.search(r'^USER (\d+):(\d+)$', (DEPLOY / 'Dockerfile').read_text(), re.M).groups()
        for overlay in OVERLAYS:
            for kind, name in (('Deployment', 'lmp-server'), ('Job', 'lmp-migrate')):
                security = pod_of(self.one(overlay, kind, name))['spec']['securityContext']
                self.assertEqual((security['runAsUser'], security['runAsGroup']), (int(user), int(group)))

    def test_settings_are_settings_of_the_server(self):
        helps = run_server_command('--help').stdout + run_server_command('serve', '--help').stdout
        known = set(re.findall(r'Env:(LMP_\w+)', helps))
        self.assertIn('LMP_LISTEN', known)
        for overlay in OVERLAYS:
            self.assertEqual(self.settings(overlay).keys() - known, set())
            migrate = pod_of(self.one(overlay, 'Job', 'lmp-migrate'))['spec']['containers'][0]
            self.assertEqual({e['name'] for e in migrate['env']} - known, set())
            self.assertEqual(migrate['args'], ['migrate'])
            server = pod_of(self.server(overlay))['spec']['containers'][0]
            self.assertEqual(server['args'], ['serve'])
            # What is read from a file is in a volume that is mounted.
            mounts = [m['mountPath'] + '/' for m in server['volumeMounts']]
            for name, value in self.settings(overlay).items():
                if value.startswith('/'):
                    self.assertTrue(any(value.startswith(m) for m in mounts), f'{name}={value}')

    def test_probes_ask_where_health_is_answered_and_only_readiness_asks_about_the_database(self):
        for overlay in OVERLAYS:
            container = pod_of(self.server(overlay))['spec']['containers'][0]
            port = int(self.settings(overlay)['LMP_HEALTH_LISTEN'].rsplit(':', 1)[1])
            asked = {'startupProbe': 'liveness', 'livenessProbe': 'liveness', 'readinessProbe': None}
            for probe, service in asked.items():
                self.assertEqual(container[probe]['grpc'].get('service'), service)
                self.assertEqual(container[probe]['grpc']['port'], port)
            ports = {p['name']: p['containerPort'] for p in container['ports']}
            self.assertEqual(ports['grpc'], int(self.settings(overlay)['LMP_LISTEN'].rsplit(':', 1)[1]))
            self.assertEqual(ports['health'], port)
            self.assertEqual(ports['metrics'], int(self.settings(overlay)['LMP_METRICS_LISTEN'].rsplit(':', 1)[1]))

    def test_a_pod_has_more_grace_than_its_drain_takes(self):
        for overlay in OVERLAYS:
            pod, settings = pod_of(self.server(overlay))['spec'], self.settings(overlay)
            stop = pod['containers'][0]['lifecycle']['preStop']['sleep']['seconds']
            drain = int(settings['LMP_DRAIN_DELAY']) + int(settings['LMP_DRAIN_TIMEOUT'])
            self.assertGreaterEqual(pod['terminationGracePeriodSeconds'], stop + drain + 5)
            self.assertLessEqual(int(settings['LMP_MAX_CONNECTION_AGE']), 600)

    def test_a_roll_out_never_has_fewer_servers(self):
        for overlay in OVERLAYS:
            self.assertEqual(self.server(overlay)['spec']['strategy']['rollingUpdate']['maxUnavailable'], 0)
        self.assertEqual(self.server('production')['spec']['replicas'], 3)
        self.assertEqual(self.one('production', 'PodDisruptionBudget', 'lmp-server')['spec']['maxUnavailable'], 1)
        scaler = self.one('production', 'HorizontalPodAutoscaler', 'lmp-server')['spec']
        self.assertEqual(scaler['scaleTargetRef'],
                         {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'lmp-server'})
        self.assertGreaterEqual(scaler['minReplicas'], 3)

    def test_what_selects_pods_finds_some(self):
        for overlay, manifest in self.each('Service', 'NetworkPolicy', 'PodDisruptionBudget'):
            spec = manifest['spec']
            selector = spec.get('podSelector', spec.get('selector'))
            selector = {'matchLabels': selector} if manifest['kind'] == 'Service' else selector
            pods = [pod_of(m)['metadata']['labels'] for m in self.rendered[overlay] if pod_of(m)]
            self.assertTrue(any(selected(selector, labels) for labels in pods), selector)

    def test_nothing_is_open_but_what_is_named(self):
        for overlay in OVERLAYS:
            deny = self.one(overlay, 'NetworkPolicy', 'default-deny')['spec']
            self.assertEqual(deny, {'podSelector': {}, 'policyTypes': ['Ingress', 'Egress']})
            server = pod_of(self.server(overlay))['metadata']['labels']
            policies = [m['spec'] for m in self.rendered[overlay]
                        if m['kind'] == 'NetworkPolicy' and selected(m['spec']['podSelector'], server)]

            def ports(direction):
                rules = [rule for p in policies for rule in p.get(direction, [])]
                return sorted({port['port'] for rule in rules for port in rule['ports']})

            opened = {direction: ports(direction) for direction in ('ingress', 'egress')}
            self.assertEqual(opened, {'ingress': [8443, 9090], 'egress': [53, 3306]})

    def test_secrets_are_files_and_are_there_or_are_named_for_the_operator(self):
        for overlay in OVERLAYS:
            made = {m['metadata']['name'] for m in self.rendered[overlay] if m['kind'] == 'Secret'}
            pods = [pod_of(m)['spec'] for m in self.rendered[overlay] if pod_of(m)]
            wanted = {v['secret']['secretName'] for pod in pods for v in pod['volumes'] if 'secret' in v}
            if overlay == 'dev':
                self.assertEqual(wanted - made, set())
            else:
                self.assertEqual(made, set(), 'a secret in a repository is none')
                page = (DEPLOY / 'README.md').read_text()
                for name in wanted:
                    self.assertRegex(page, rf'create secret \w+ {name} ')
            for container in (c for pod in pods for c in pod['containers']):
                from_elsewhere = [e for e in container.get('env', []) if 'valueFrom' in e]
                self.assertEqual(from_elsewhere, [], 'a secret in the environment')


if __name__ == '__main__':
    unittest.main()
