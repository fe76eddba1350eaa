namespace MemoryMesh.AppHost.Aspire.Kubernetes;

/// <summary>The objects beside a workload: who may connect to it, how many may be away, how it grows.</summary>
internal static class Policies
{
    private const int BusyPercent = 70;

    /// <summary>Lets the callers in, to the ports; nobody else.</summary>
    public static KubernetesObject Network(string name, Placement placement)
    {
        var rule = new Dictionary<string, object> { ["ports"] = placement.Ports.Select(port => new Dictionary<string, object> { ["port"] = port }).ToList() };
        if (placement.Callers is { } callers)
        {
            rule["from"] = callers.Select(caller => new Dictionary<string, object> { ["podSelector"] = Selector(caller) }).ToList();
        }

        return new("networking.k8s.io/v1", "NetworkPolicy", $"{name}-network", new()
        {
            ["podSelector"] = Selector(name),
            ["policyTypes"] = new List<string> { "Ingress" },
            ["ingress"] = new List<object> { rule },
        });
    }

    /// <summary>Lets a drain of nodes take one pod at a time. Also for those with one pod: a budget of none would stop the drain for ever.</summary>
    public static KubernetesObject Disruption(string name)
        => new("policy/v1", "PodDisruptionBudget", $"{name}-disruption", new() { ["maxUnavailable"] = 1, ["selector"] = Selector(name) });

    /// <summary>Grows with the use of the processor. It shrinks slowly: open WebSockets end with their pod.</summary>
    public static KubernetesObject Scale(string name, string workload, string kind, (int Least, int Most) replicas)
        => new("autoscaling/v2", "HorizontalPodAutoscaler", $"{name}-scale", new()
        {
            ["scaleTargetRef"] = new Dictionary<string, object> { ["apiVersion"] = "apps/v1", ["kind"] = kind, ["name"] = workload },
            ["minReplicas"] = replicas.Least,
            ["maxReplicas"] = replicas.Most,
            ["metrics"] = new List<object>
            {
                new Dictionary<string, object>
                {
                    ["type"] = "Resource",
                    ["resource"] = new Dictionary<string, object>
                    {
                        ["name"] = "cpu",
                        ["target"] = new Dictionary<string, object> { ["type"] = "Utilization", ["averageUtilization"] = BusyPercent },
                    },
                },
            },
            ["behavior"] = new Dictionary<string, object>
            {
                ["scaleDown"] = new Dictionary<string, object>
                {
                    ["stabilizationWindowSeconds"] = 600,
                    ["policies"] = new List<object> { new Dictionary<string, object> { ["type"] = "Pods", ["value"] = 1, ["periodSeconds"] = 120 } },
                },
            },
        });

    private static Dictionary<string, object> Selector(string component)
        => new()
        {
            ["matchLabels"] = new Dictionary<string, object>
            {
                ["app.kubernetes.io/component"] = component,
                ["app.kubernetes.io/instance"] = "{{ .Release.Name }}",
            },
        };
}
