using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace MemoryMesh.AppHost.Aspire.Kubernetes;

/// <summary>The Kubernetes cluster that a chart is written for. There is none while the app model runs on a developer's machine.</summary>
internal sealed class Cluster
{
    /// <summary>Where the services keep their data in a container.</summary>
    public const string DataPath = "/data";

    private const string ChartName = "memorymesh";

    /// <summary>Seconds that a pod may take to stop: the services finish requests in flight for 10.</summary>
    private const long StopSeconds = 30;

    private readonly IResourceBuilder<KubernetesEnvironmentResource> _environment;
    private readonly AppSettings _settings;

    private Cluster(IResourceBuilder<KubernetesEnvironmentResource> environment, AppSettings settings)
    {
        _environment = environment;
        _settings = settings;
    }

    /// <summary>Adds the cluster when something is published, and nothing else.</summary>
    public static Cluster? Add(IDistributedApplicationBuilder builder, AppSettings settings)
    {
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return null;
        }

        var environment = builder.AddKubernetesEnvironment("kubernetes")
            .WithHelm(helm => helm
                .WithChartName(ChartName)
                .WithChartVersion(settings.Version)
                .WithChartDescription("MemoryMesh, the memory server for AI assistants")
                .WithReleaseName(ChartName)
                .WithNamespace(ChartName))
            .WithDashboard(settings.Dashboard)
            .ExcludeFromManifest()
            .WithProperties(cluster =>
            {
                // Every volume is declared with its size below; one that were not would be kept all the same.
                cluster.DefaultStorageType = "pvc";
                cluster.DefaultStorageClassName = settings.StorageClass;
            });
        return new(environment, settings);
    }

    /// <summary>Says how a resource runs.</summary>
    public void Run<T>(IResourceBuilder<T> resource, Placement placement)
        where T : IComputeResource
    {
        if (placement is { Volume: { } name, VolumeSize: { } size })
        {
            var volume = _environment.AddPersistentVolume(name).WithCapacity(size).WithAccessMode(PersistentVolumeAccessMode.ReadWriteOnce)

                // Uninstalling the chart does not delete what people have said.
                .WithVolumeAnnotation("helm.sh/resource-policy", "keep");
            if (_settings.StorageClass is { } storage)
            {
                volume.WithStorageClass(storage);
            }

            // Engines have mounted theirs where their images want it.
            _ = placement.Service ? resource.WithPersistentVolume(volume, DataPath) : resource.WithPersistentVolume(volume);
        }

        resource.PublishAsKubernetesService(kubernetes => Customize(resource.Resource.Name, kubernetes, placement));
    }

    /// <summary>Has the ingress pass everything on to an endpoint.</summary>
    public void Expose(EndpointReference endpoint)
    {
        var ingress = _environment.AddIngress("public").WithIngressClass(_settings.IngressClass);
        if (_settings.Host is not { } host)
        {
            ingress.WithPath("/", endpoint);
            return;
        }

        ingress.WithPath(host, "/", endpoint);
        if (_settings.TlsSecret is { } secret)
        {
            ingress.WithHostname(host).WithTls(secret);
        }
    }

    private static void Customize(string name, KubernetesResource kubernetes, Placement placement)
    {
        var workload = kubernetes.Workload ?? throw new InvalidOperationException($"{name} has no workload.");
        var pod = workload.PodTemplate.Spec;
        var container = pod.Containers.Single();
        Confine(pod, container, placement);
        container.Resources = new()
        {
            Requests = { ["cpu"] = placement.Compute.RequestedProcessor, ["memory"] = placement.Compute.RequestedMemory },
            Limits = { ["cpu"] = placement.Compute.MostProcessor, ["memory"] = placement.Compute.MostMemory },
        };
        pod.TerminationGracePeriodSeconds = StopSeconds;
        if (workload is StatefulSet set)
        {
            // Needed by clusters before 1.34; the publisher leaves it out.
            set.Spec.ServiceName = kubernetes.Service?.Metadata.Name ?? throw new InvalidOperationException($"{name} has no service.");
        }

        if (placement.Service)
        {
            Probe(container);
            AddWritable(pod, container, "tmp", "/tmp");
            if (placement.Folder)
            {
                AddWritable(pod, container, "data", DataPath);
            }
        }

        kubernetes.AdditionalResources.Add(Policies.Network(name, placement));
        kubernetes.AdditionalResources.Add(Policies.Disruption(name));
        if (placement.Scale is { } scale)
        {
            // The autoscaler's, which an upgrade of the chart must not set back.
            ((Deployment)workload).Spec.Replicas = null;
            kubernetes.AdditionalResources.Add(Policies.Scale(name, workload.Metadata.Name, "Deployment", scale));
        }
    }

    private static void Confine(PodSpecV1 pod, ContainerV1 container, Placement placement)
    {
        pod.AutomountServiceAccountToken = false;
        pod.SecurityContext = new()
        {
            RunAsNonRoot = true,
            RunAsUser = placement.User,
            RunAsGroup = placement.User,
            FsGroup = placement.User,

            // RabbitMQ refuses its cookie once the group may read it, which changing all files at every start would bring about.
            FsGroupChangePolicy = "OnRootMismatch",
            SeccompProfile = new() { Type = "RuntimeDefault" },
        };
        container.SecurityContext = new()
        {
            AllowPrivilegeEscalation = false,
            Capabilities = new() { Drop = { "ALL" } },
            ReadOnlyRootFilesystem = placement.Service ? true : null,
        };
    }

    /// <summary>
    /// Asks whether the process answers, for everything. Not <c>/health</c>: that tells of the broker and of other services too, and a pod that is taken out because its neighbour is away takes
    /// down what would go on without it.
    /// </summary>
    private static void Probe(ContainerV1 container)
    {
        container.StartupProbe = Alive(period: 2, failures: 90);
        container.LivenessProbe = Alive(period: 10, failures: 3);
        container.ReadinessProbe = Alive(period: 5, failures: 2);

        static ProbeV1 Alive(int period, int failures) => new()
        {
            HttpGet = new() { Path = "/alive", Port = "http", Scheme = "HTTP" },
            PeriodSeconds = period,
            TimeoutSeconds = 5,
            FailureThreshold = failures,
        };
    }

    private static void AddWritable(PodSpecV1 pod, ContainerV1 container, string name, string path)
    {
        pod.Volumes.Add(new() { Name = name, EmptyDir = new() { SizeLimit = "1Gi" } });
        container.VolumeMounts.Add(new() { Name = name, MountPath = path });
    }
}
