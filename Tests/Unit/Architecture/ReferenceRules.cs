namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>The rules on what may reference what, as functions from what is there to what is wrong.</summary>
internal static class ReferenceRules
{
    /// <summary>What a module may know of ours.</summary>
    private static readonly HashSet<string> ModuleMayKnow = ["MemoryMesh.Contracts", "MemoryMesh.ServiceDefaults"];

    private const string Messaging = "MemoryMesh.ServiceDefaults.Messaging.";

    /// <summary>What speaks to the broker for the relay.</summary>
    private const string RelaysPublisher = $"{Messaging}RabbitMqPublisher";

    /// <summary>Ours that a module references beside Contracts and ServiceDefaults.</summary>
    public static IEnumerable<string> ForbiddenToModule(string module, IEnumerable<string> references)
        => references.Where(name => name.StartsWith("MemoryMesh.", StringComparison.Ordinal) && name != module && !ModuleMayKnow.Contains(name));

    /// <summary>Types that publish to the bus, or outside the messaging code touch the broker at all, though they are not the relay.</summary>
    /// <param name="uses">Uses in an assembly.</param>
    public static IEnumerable<string> PublishersBesideTheRelay(IEnumerable<TypeUse> uses)
        => uses.Where(use => use.User != RelaysPublisher && (Publishes(use) || TouchesTheBroker(use)))
            .Select(use => $"{use.User} uses {use.Used}{(use.Member is null ? "" : $".{use.Member}")}")
            .Distinct()
            .Order(StringComparer.Ordinal);

    private static bool Publishes(TypeUse use)
        => use.Used.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal) && use.Member?.StartsWith("BasicPublish", StringComparison.Ordinal) == true;

    private static bool TouchesTheBroker(TypeUse use)
        => use.Used.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal) && !use.User.StartsWith(Messaging, StringComparison.Ordinal);
}
