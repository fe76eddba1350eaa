using System.Xml.Linq;
using MassTransit;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Tests.Shared;
using RabbitMQ.Client;

namespace MemoryMesh.Tests.Unit.Architecture;

public class ReferenceTests
{
    private static IEnumerable<Module> Modules => Module.All;

    private static IEnumerable<string> ProductAssemblies
        => Directory.EnumerateFiles(AppContext.BaseDirectory, "MemoryMesh.*.dll").Select(Path.GetFileName).OfType<string>()
            .Where(name => !name.StartsWith("MemoryMesh.Tests.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    [Test]
    public void The_modules_are_found()
        => Assert.That(Module.All.Select(module => module.Name), Is.SupersetOf((string[])["Auth", "Chat", "Gateway", "Memory", "Retention", "Search"]));

    [TestCaseSource(nameof(Modules))]
    public void A_module_references_no_other_module(object module)
    {
        var found = (Module)module;
        Assert.That(ReferenceRules.ForbiddenToModule(found.AssemblyName, Module.ProjectReferences(XDocument.Load(found.Project))), Is.Empty, "project references");
        Assert.That(ReferenceRules.ForbiddenToModule(found.AssemblyName, TypeReferences.AssembliesOf(found.AssemblyPath)), Is.Empty, "assembly references");
    }

    [Test]
    public void A_module_that_references_another_is_seen()
    {
        var project = XDocument.Parse(
            """
            <Project><ItemGroup>
              <ProjectReference Include="..\..\Chat\Module\MemoryMesh.Chat.csproj" />
              <ProjectReference Include="../../Contracts/MemoryMesh.Contracts.csproj" />
            </ItemGroup></Project>
            """);
        Assert.That(ReferenceRules.ForbiddenToModule("MemoryMesh.Search", Module.ProjectReferences(project)), Is.EqualTo((string[])["MemoryMesh.Chat"]));

        // This test assembly references modules, so it would be no lawful module.
        var references = TypeReferences.AssembliesOf(typeof(ReferenceTests).Assembly.Location);
        Assert.That(ReferenceRules.ForbiddenToModule("MemoryMesh.Search", references), Does.Contain("MemoryMesh.Retention"));
    }

    [Test]
    public void Contracts_reference_nothing_of_ours()
    {
        var project = Path.Combine(TestHost.RepositoryRoot(), "Services", "Contracts", "MemoryMesh.Contracts.csproj");
        var references = TypeReferences.AssembliesOf(typeof(MessageStored).Assembly.Location);
        Assert.Multiple(() =>
        {
            Assert.That(Module.ProjectReferences(XDocument.Load(project)), Is.Empty);
            Assert.That(references, Is.Not.Empty);
            Assert.That(references.Where(name => !name.StartsWith("System.", StringComparison.Ordinal)), Is.Empty, "Contracts hold plain state only.");
        });
    }

    [Test]
    public void The_client_references_nothing_of_ours_and_no_package()
    {
        var project = XDocument.Load(Path.Combine(TestHost.RepositoryRoot(), "Client", "MemoryMesh.Client", "MemoryMesh.Client.csproj"));
        Assert.Multiple(() =>
        {
            Assert.That(Module.ProjectReferences(project), Is.Empty);
            Assert.That(project.Descendants("PackageReference"), Is.Empty);
            Assert.That(
                TypeReferences.AssembliesOf(typeof(MemoryMesh.Client.MemoryMeshClient).Assembly.Location).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)),
                Is.Empty);
        });
    }

    [Test]
    public void Only_the_Gateway_may_reference_the_client()
        => Assert.Multiple(() =>
        {
            Assert.That(ReferenceRules.ForbiddenToModule("MemoryMesh.Gateway", ["MemoryMesh.Client"]), Is.Empty);
            Assert.That(ReferenceRules.ForbiddenToModule("MemoryMesh.Chat", ["MemoryMesh.Client"]), Is.EqualTo((string[])["MemoryMesh.Client"]));
        });

    [TestCaseSource(nameof(ProductAssemblies))]
    public void Nothing_but_the_relay_publishes_to_the_bus(string assembly)
    {
        var uses = TypeReferences.Of(Path.Combine(AppContext.BaseDirectory, assembly));
        Assert.That(uses, Is.Not.Empty);
        Assert.That(ReferenceRules.PublishersBesideTheRelay(uses, ReferenceRules.IsRelay), Is.Empty);
    }

    [Test]
    public void A_class_that_publishes_is_seen_however_it_does_it()
    {
        var uses = TypeReferences.Of(typeof(ReferenceTests).Assembly.Location);
        var culprits = ReferenceRules.PublishersBesideTheRelay(uses, ReferenceRules.IsRelay).Select(text => text.Split(' ')[0]).Distinct();
        Assert.That(culprits, Is.EqualTo((string[])
        [
            typeof(HoldsABus).FullName!, typeof(HoldsAConnection).FullName!, typeof(PublishesFromAConsumer).FullName!, typeof(PublishesInALambda).FullName!,
            typeof(SendsByProvider).FullName!,
        ]));
    }

    [Test]
    public void The_relay_is_let_through_and_a_class_named_alike_elsewhere_is_not()
    {
        var uses = new[]
        {
            new TypeUse("MemoryMesh.ServiceDefaults.Messaging.OutboxRelay", "MassTransit.IBus", null, ""),
            new TypeUse("MemoryMesh.Chat.MessageRelay", "MassTransit.IBus", null, ""),
            new TypeUse("MemoryMesh.ServiceDefaults.Messaging.BusSetUp", "MassTransit.IPublishEndpoint", "Publish", ""),
            new TypeUse("MemoryMesh.ServiceDefaults.Messaging.Keeper", "MassTransit.IBusControl", "StartAsync", ""),
            new TypeUse("MemoryMesh.ServiceDefaults.Messaging.Keeper", "MassTransit.IBus", null, ""),
            new TypeUse("MemoryMesh.Chat.Keeper", "MassTransit.IBusControl", "StartAsync", ""),
        };
        Assert.That(ReferenceRules.PublishersBesideTheRelay(uses, ReferenceRules.IsRelay), Is.EqualTo((string[])
        [
            "MemoryMesh.Chat.Keeper uses MassTransit.IBusControl.StartAsync",
            "MemoryMesh.Chat.MessageRelay uses MassTransit.IBus",
            "MemoryMesh.ServiceDefaults.Messaging.BusSetUp uses MassTransit.IPublishEndpoint.Publish",
            "MemoryMesh.ServiceDefaults.Messaging.Keeper uses MassTransit.IBus",
        ]));
    }
}

// What the rule on publishing must see; nothing creates these.
#pragma warning disable CA1823, CS0169, CA1822, CA1852, IDE0051
internal sealed class HoldsABus
{
    private readonly IBus? _bus;
}

internal sealed class HoldsAConnection
{
    private readonly IConnection? _connection;
}

internal sealed class PublishesFromAConsumer : IConsumer<MessageStored>
{
    public Task Consume(ConsumeContext<MessageStored> context) => context.Publish(new MessageStored
    {
        TenantId = default,
        SubjectKey = default,
        ConversationKey = default,
        MessageId = default,
        Version = 1,
        ExtractMemory = false,
    });
}

internal sealed class PublishesInALambda
{
    public Func<IServiceProvider, Task> Work { get; } = provider => ((IPublishEndpoint)provider.GetService(typeof(IPublishEndpoint))!).Publish(new object());
}

internal sealed class SendsByProvider
{
    public async Task SendAsync(object provider)
    {
        var endpoint = await ((ISendEndpointProvider)provider).GetSendEndpoint(new Uri("queue:x"));
        await endpoint.Send(new object());
    }
}
