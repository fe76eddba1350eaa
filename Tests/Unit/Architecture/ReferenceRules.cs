namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>The rules on what may reference what, as functions from what is there to what is wrong.</summary>
internal static class ReferenceRules
{
    private const string Client = "MemoryMesh.Client";

    /// <summary>What a module may know of ours.</summary>
    private static readonly HashSet<string> ModuleMayKnow = ["MemoryMesh.Contracts", "MemoryMesh.ServiceDefaults"];

    /// <summary>What publishes or sends; the context of a consumer inherits the first and third, so that its calls are calls of these.</summary>
    private static readonly HashSet<string> PublishingTypes =
    [
        "MassTransit.IPublishEndpoint", "MassTransit.IPublishEndpointProvider", "MassTransit.ISendEndpoint", "MassTransit.ISendEndpointProvider",
        "MassTransit.IBus", BusControl, "MassTransit.IMessageScheduler", "MassTransit.IRequestClient`1", "MassTransit.IClientFactory",
    ];

    /// <summary>What keeps the bus running does with it. Publishing over it is a call of the endpoint that it inherits.</summary>
    private static readonly HashSet<string?> Keeping = [null, "StartAsync", "StopAsync", "CheckHealth"];

    private const string BusControl = "MassTransit.IBusControl";
    private const string Messaging = "MemoryMesh.ServiceDefaults.Messaging.";

    /// <summary>Ours that a module references beside Contracts and ServiceDefaults. The Gateway's facades are written over the public client.</summary>
    public static IEnumerable<string> ForbiddenToModule(string module, IEnumerable<string> references)
        => references.Where(name => name.StartsWith("MemoryMesh.", StringComparison.Ordinal) && name != module && !ModuleMayKnow.Contains(name)
            && !(name == Client && module == "MemoryMesh.Gateway"));

    /// <summary>Types that publish to the bus, or hold what publishes, or outside the messaging code touch the broker, though they are not the relay.</summary>
    /// <param name="uses">Uses in an assembly.</param>
    /// <param name="isRelay">Whether a type, by its full name, is the relay.</param>
    public static IEnumerable<string> PublishersBesideTheRelay(IEnumerable<TypeUse> uses, Func<string, bool> isRelay)
        => uses.Where(use => !isRelay(use.User) && (Publishes(use) || TouchesTheBroker(use)))
            .Select(use => $"{use.User} uses {use.Used}{(use.Member is null ? "" : $".{use.Member}")}")
            .Distinct()
            .Order(StringComparer.Ordinal);

    /// <summary>The one class that may publish.</summary>
    public static bool IsRelay(string type) => IsMessaging(type) && type.EndsWith("Relay", StringComparison.Ordinal);

    /// <summary>
    /// Extension methods are seen by the type they take. Setting up topology (<c>Publish</c> of a configurator) and passing on in a pipe
    /// (<c>IPipe.Send</c>) send nothing.
    /// </summary>
    private static bool Publishes(TypeUse use)
        => (PublishingTypes.Contains(use.Used) && !(use.Used == BusControl && IsMessaging(use.User) && Keeping.Contains(use.Member)))
            || (use.Used.StartsWith("MassTransit.ConsumeContext", StringComparison.Ordinal) && use.Member?.StartsWith("Respond", StringComparison.Ordinal) == true)
            || (use.Used.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal) && use.Member?.StartsWith("BasicPublish", StringComparison.Ordinal) == true);

    private static bool TouchesTheBroker(TypeUse use) => use.Used.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal) && !IsMessaging(use.User);

    private static bool IsMessaging(string type) => type.StartsWith(Messaging, StringComparison.Ordinal);
}
