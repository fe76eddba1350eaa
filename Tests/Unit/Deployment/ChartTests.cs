using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;
using YamlDotNet.RepresentationModel;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>The published Helm chart, held against the code and against what a cluster asks of a guest.</summary>
public class ChartTests
{
    private static readonly Chart Chart = new();

    private static IEnumerable<string> Components => Chart.Workloads.Select(workload => Chart.Component(workload)!);

    [Test]
    public void It_runs_every_service_and_every_engine_of_the_manifest()
        => Assert.That(
            Components,
            Is.EquivalentTo(AppModel.Manifest.Where(resource => (string?)resource.Value!["type"] is "project.v1" or "container.v1").Select(resource => resource.Key)));

    [Test]
    public void It_has_the_version_of_the_product()
        => Assert.Multiple(() =>
        {
            Assert.That(Chart.Text(Chart.Metadata, "name"), Is.EqualTo("memorymesh"));
            Assert.That(Chart.Text(Chart.Metadata, "version"), Is.EqualTo(ProductVersion.Current));
        });

    [Test]
    public void Every_value_that_a_template_reads_is_there()
    {
        var used = Chart.Used.ToList();
        Assert.That(used, Has.Count.GreaterThan(50));
        Assert.That(used.Where(path => Chart.Find(path) is null), Is.Empty);
    }

    [Test]
    public void No_secret_has_a_value_and_the_script_makes_each_that_is_read()
    {
        var made = Chart.Read(MakeSecrets());
        Assert.Multiple(() =>
        {
            foreach (var (component, secrets) in (YamlMappingNode)Chart.Values["secrets"])
            {
                foreach (var (name, value) in (YamlMappingNode)secrets)
                {
                    Assert.That(((YamlScalarNode)value).Value, Is.Empty, $"{component}.{name}");
                }
            }

            var read = Chart.Used.Where(path => path.StartsWith("secrets.", StringComparison.Ordinal)).ToList();
            Assert.That(Paths(made), Is.EquivalentTo(read));
            Assert.That(read.Where(path => !path.EndsWith("llm_api_key", StringComparison.Ordinal)).Select(path => Chart.Text(made, path)), Is.All.Match("^[0-9a-f]{64}$"));

            // The same secret has the same value wherever it is used.
            foreach (var copies in read.GroupBy(path => path.Split('.')[^1]))
            {
                Assert.That(copies.Select(path => Chart.Text(made, path)).Distinct().Count(), Is.EqualTo(1), copies.Key);
            }
        });

        static IEnumerable<string> Paths(YamlMappingNode node)
            => from component in (YamlMappingNode)node["secrets"] from secret in (YamlMappingNode)component.Value select $"secrets.{component.Key}.{secret.Key}";
    }

    [Test]
    public void A_service_is_told_what_the_manifest_tells_it()
        => Assert.Multiple(() =>
        {
            foreach (var service in AppModel.Programs)
            {
                var config = (YamlMappingNode)Chart.OfKind("ConfigMap")[$"{service}-config"]["data"];
                var secrets = (YamlMappingNode)Chart.OfKind("Secret")[$"{service}-secrets"]["stringData"];
                var names = config.Children.Keys.Concat(secrets.Children.Keys).Select(name => ((YamlScalarNode)name).Value!);

                // Property names of databases differ between the publishers; nothing reads them.
                Assert.That(Read(names), Is.EquivalentTo(Read(AppModel.Manifest[service]!["env"]!.AsObject().Select(variable => variable.Key))), service);
                foreach (var other in AppModel.CallsOf(service))
                {
                    Assert.That(Chart.Text(config, $"services__{other}__http__0"), Is.EqualTo($"http://{other}-service:{Chart.Find($"parameters.{other}.port_http")}"), service);
                    Assert.That(Chart.OfKind("Service").Keys, Does.Contain($"{other}-service"));
                }

                Assert.That(config.Children.Keys.Select(name => ((YamlScalarNode)name).Value), Has.None.StartsWith("ConnectionStrings__"), "a connection string holds a password");
            }

            static IEnumerable<string> Read(IEnumerable<string> names)
                => names.Where(name => name.Contains("__", StringComparison.Ordinal) || AppModel.IsSetting(name));
        });

    [Test]
    public void Every_connection_string_is_an_address_that_its_service_can_read()
        => Assert.Multiple(() =>
        {
            foreach (var service in AppModel.Programs)
            {
                var secrets = (YamlMappingNode)Chart.OfKind("Secret")[$"{service}-secrets"]["stringData"];
                foreach (var connection in AppModel.ConnectionsOf(service))
                {
                    var address = Chart.Text(secrets, $"ConnectionStrings__{connection}");
                    Assert.That(address is not null && CanBeRead(connection, address), $"{service}: {connection}");
                }
            }

            static bool CanBeRead(string connection, string address) => connection switch
            {
                RabbitMqBusExtensions.Name => Uri.TryCreate(address, UriKind.Absolute, out var broker) && broker.Scheme == "amqp",
                RedisExtensions.Name => StoreAddresses.NormalizeRedis(address) is not null,
                QdrantAddress.Name or QdrantAddress.HttpName => QdrantAddress.Parse(address) is not null,
                _ when StoreEngines.OnPostgres.Contains(connection) => StoreEngines.CanBePostgres(address),
                _ => StoreAddresses.NormalizeMongo(address) is not null,
            };
        });

    [Test]
    public void Probes_and_ports_agree_with_where_a_service_listens()
        => Assert.Multiple(() =>
        {
            foreach (var service in AppModel.Programs)
            {
                var container = Container(service);
                Assert.That(Chart.Text(container, "ports.0.name"), Is.EqualTo("http"), service);
                var port = Chart.Text(container, "ports.0.containerPort");
                Assert.That(Chart.Text(Chart.OfKind("ConfigMap")[$"{service}-config"], "data.HTTP_PORTS"), Is.EqualTo(port), service);
                Assert.That(Chart.Text(Chart.OfKind("Service")[$"{service}-service"], "spec.ports.0.targetPort"), Is.EqualTo(port), service);
                foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
                {
                    Assert.That(Chart.Text(container, $"{probe}.httpGet.path"), Is.EqualTo("/alive"), $"{service}: {probe}");
                    Assert.That(Chart.Text(container, $"{probe}.httpGet.port"), Is.EqualTo("http"), $"{service}: {probe}");
                    Assert.That(Chart.Text(container, $"{probe}.httpGet.scheme"), Is.EqualTo("HTTP"), $"{service}: {probe}");
                }
            }
        });

    [Test]
    public void Only_the_gateway_is_let_in_from_outside()
        => Assert.Multiple(() =>
        {
            Assert.That(Chart.OfKind("Service").Values.Select(service => Chart.Text(service, "spec.type")), Is.All.EqualTo("ClusterIP"));
            var ingress = Chart.OfKind("Ingress").Values.Single();
            Assert.That(((YamlSequenceNode)Chart.At(ingress, "spec.rules")!).Children, Has.Count.EqualTo(1));
            Assert.That(Chart.Text(ingress, "spec.rules.0.http.paths.0.backend.service.name"), Is.EqualTo("gateway-service"));

            var policies = Chart.OfKind("NetworkPolicy").Values.ToDictionary(policy => Chart.Text(policy, "spec.podSelector.matchLabels") ?? Selected(Chart.At(policy, "spec.podSelector")!));
            Assert.That(policies.Keys, Is.EquivalentTo(Components));
            foreach (var (component, policy) in policies)
            {
                var rules = ((YamlSequenceNode)Chart.At(policy, "spec.ingress")!).Children;
                Assert.That(rules, Has.Count.EqualTo(1), component);
                var from = rules[0] is YamlMappingNode rule && rule.Children.TryGetValue("from", out var list) ? ((YamlSequenceNode)list).Select(item => Selected(item["podSelector"])).ToList() : null;
                Assert.That(from, component == AppModel.Gateway ? Is.Null : Is.EquivalentTo(CallersOf(component)), component);
                Assert.That(Ports(component), Is.SupersetOf(((YamlSequenceNode)rules[0]["ports"]).Select(port => Chart.Text(port, "port"))), component);
            }

            static string Selected(YamlNode selector) => ((YamlScalarNode)selector["matchLabels"]["app.kubernetes.io/component"]).Value!;
            static IEnumerable<string?> Ports(string component) => ((YamlSequenceNode)Container(component)["ports"]).Select(port => Chart.Text(port, "name"));
        });

    [Test]
    public void Nothing_runs_as_root_and_services_write_to_their_volumes_only()
        => Assert.Multiple(() =>
        {
            foreach (var component in Components)
            {
                var pod = Chart.At(Chart.Workload(component), "spec.template.spec")!;
                var container = Container(component);
                Assert.That(Chart.Text(pod, "securityContext.runAsNonRoot"), Is.EqualTo("true"), component);
                Assert.That(Chart.Text(pod, "securityContext.runAsUser"), Is.Not.Null.And.Not.EqualTo("0"), component);
                Assert.That(Chart.Text(pod, "automountServiceAccountToken"), Is.EqualTo("false"), component);
                Assert.That(Chart.Text(container, "securityContext.allowPrivilegeEscalation"), Is.EqualTo("false"), component);
                Assert.That(Chart.Text(container, "securityContext.capabilities.drop.0"), Is.EqualTo("ALL"), component);
                foreach (var amount in (string[])["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"])
                {
                    Assert.That(Chart.Text(container, $"resources.{amount}"), Is.Not.Null, $"{component}: {amount}");
                }

                if (AppModel.Programs.Contains(component))
                {
                    Assert.That(Chart.Text(pod, "securityContext.runAsUser"), Is.EqualTo("1654"), "the user of the .NET images");
                    Assert.That(Chart.Text(container, "securityContext.readOnlyRootFilesystem"), Is.EqualTo("true"), component);
                    var mounts = ((YamlSequenceNode)container["volumeMounts"]).Select(mount => Chart.Text(mount, "mountPath"));
                    string[] folders = Chart.Text(Chart.OfKind("ConfigMap")[$"{component}-config"], "data.MEMORY_DATA_DIR") is { } data ? ["/tmp", data] : ["/tmp"];
                    Assert.That(mounts, Is.EquivalentTo(folders), component);
                }
            }
        });

    [Test]
    public void What_keeps_data_has_a_volume_that_stays_and_one_replica_and_only_what_keeps_none_is_scaled()
        => Assert.Multiple(() =>
        {
            var scaled = Chart.OfKind("HorizontalPodAutoscaler").Values.Select(scale => Chart.Text(scale, "spec.scaleTargetRef.name")).ToList();
            Assert.That(scaled, Is.EquivalentTo(AppModel.Scaled.Select(component => $"{component}-deployment")));
            foreach (var component in Components)
            {
                var workload = Chart.Workload(component);
                if (AppModel.Scaled.Contains(component))
                {
                    Assert.That(Chart.Text(workload, "kind"), Is.EqualTo("Deployment"));
                    Assert.That(Chart.Text(workload, "spec.replicas"), Is.Null, "the autoscaler says how many");
                    continue;
                }

                var claim = ((YamlSequenceNode)Chart.At(workload, "spec.template.spec.volumes")!).Select(volume => Chart.Text(volume, "persistentVolumeClaim.claimName")).Single(name => name is not null)!;
                var volume = Chart.OfKind("PersistentVolumeClaim")[claim];
                Assert.That(((YamlScalarNode)volume["metadata"]["annotations"]["helm.sh/resource-policy"]).Value, Is.EqualTo("keep"), component);
                Assert.That(Chart.Text(volume, "spec.resources.requests.storage"), Does.EndWith("Gi"), component);
                Assert.That(Chart.Text(workload, "kind"), Is.EqualTo("StatefulSet"), "the old pod has gone before the new one opens the files");
                Assert.That(Chart.Text(workload, "spec.replicas"), Is.EqualTo("1"), component);
                Assert.That(Chart.Text(workload, "spec.serviceName"), Is.EqualTo($"{component}-service"));
            }

            Assert.That(Chart.OfKind("PodDisruptionBudget").Values.Select(Chart.Component), Is.EquivalentTo(Components));
            Assert.That(Chart.OfKind("PodDisruptionBudget").Values.Select(budget => Chart.Text(budget, "spec.maxUnavailable")), Is.All.EqualTo("1"));
        });

    private static YamlNode Container(string component) => Chart.At(Chart.Workload(component), "spec.template.spec.containers.0")!;

    /// <summary>Who has the address of a component.</summary>
    private static IEnumerable<string> CallersOf(string component)
        => AppModel.Programs.Contains(component)
            ? AppModel.Programs.Where(service => AppModel.CallsOf(service).Contains(component))
            : AppModel.Programs.Where(service => Chart.OfKind("Secret")[$"{service}-secrets"]["stringData"] is YamlMappingNode secrets
                && secrets.Any(secret => ((YamlScalarNode)secret.Key).Value!.StartsWith("ConnectionStrings__", StringComparison.Ordinal)
                    && ((YamlScalarNode)secret.Value).Value!.Contains($"{component}-service", StringComparison.Ordinal)));

    private static string MakeSecrets()
    {
        using var process = Process.Start(new ProcessStartInfo("bash", Path.Combine(Chart.Folder, "new-secrets.sh")) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
        return text;
    }
}
