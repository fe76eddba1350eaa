using Aspire.Hosting.Kubernetes.Resources;

namespace MemoryMesh.AppHost.Aspire.Kubernetes;

/// <summary>An object of a kind that the publisher has no correct type for. It is written as it is.</summary>
internal sealed class KubernetesObject : BaseKubernetesResource
{
    /// <param name="apiVersion">Version of the API.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="name">Name, which is that of the file too.</param>
    /// <param name="spec">The specification, of dictionaries, lists, texts and numbers. Empty ones are left out by the publisher.</param>
    public KubernetesObject(string apiVersion, string kind, string name, Dictionary<string, object> spec)
        : base(apiVersion, kind)
    {
        Metadata.Name = name;
        Spec = spec;
    }

    /// <summary>The specification.</summary>
    public Dictionary<string, object> Spec { get; }
}
