namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>The rules on what may reference what, as functions from what is there to what is wrong.</summary>
internal static class ReferenceRules
{
    /// <summary>What a module may know of ours.</summary>
    private static readonly HashSet<string> ModuleMayKnow = ["MemoryMesh.Contracts", "MemoryMesh.ServiceDefaults"];

    /// <summary>What publishes or sends. <c>ConsumeContext</c> is here too: it inherits both.</summary>
    private static readonly HashSet<string> PublishingTypes =
    [
        "MassTransit.IPublishEndpoint", "MassTransit.IPublishEndpointProvider", "MassTransit.ISendEndpoint", "MassTransit.ISendEndpointProvider",
        "MassTransit.IBus", "MassTransit.IBusControl", "MassTransit.IMessageScheduler", "MassTransit.IRequestClient`1", "MassTransit.IClientFactory",
    ];

    /// <summary>Ours that a module references beside Contracts and ServiceDefaults.</summary>
    public static IEnumerable<string> ForbiddenToModule(string module, IEnumerable<string> references)
        => references.Where(name => name.StartsWith("MemoryMesh.", StringComparison.Ordinal) && name != module && !ModuleMayKnow.Contains(name));

    /// <summary>Types that publish to the bus, or hold what publishes, though they are not the relay.</summary>
    /// <param name="uses">Uses in an assembly.</param>
    /// <param name="isRelay">Whether a type, by its full name, is the relay.</param>
    public static IEnumerable<string> PublishersBesideTheRelay(IEnumerable<TypeUse> uses, Func<string, bool> isRelay)
        => uses.Where(use => !isRelay(use.User) && Publishes(use))
            .Select(use => $"{use.User} uses {use.Used}{(use.Member is null ? "" : $".{use.Member}")}")
            .Distinct()
            .Order(StringComparer.Ordinal);

    /// <summary>The one class that may publish.</summary>
    public static bool IsRelay(string type)
        => type.StartsWith("MemoryMesh.ServiceDefaults.Messaging.", StringComparison.Ordinal) && type.EndsWith("Relay", StringComparison.Ordinal);

    private static bool Publishes(TypeUse use)
        => PublishingTypes.Contains(use.Used)
            || (use.Member is not null && use.Used.StartsWith("MassTransit.", StringComparison.Ordinal)
                && (StartsLikeVerb(use.Member, "Publish") || StartsLikeVerb(use.Member, "Send") || StartsLikeVerb(use.Member, "Respond")))
            || (use.Member is not null && use.Used.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal) && use.Member.StartsWith("BasicPublish", StringComparison.Ordinal));

    /// <summary>Publish, PublishAsync, PublishBatch, but not the getter of a property such as PublishTopology.</summary>
    private static bool StartsLikeVerb(string member, string verb)
        => member == verb || member == $"{verb}Async" || member.StartsWith($"{verb}Batch", StringComparison.Ordinal);
}
