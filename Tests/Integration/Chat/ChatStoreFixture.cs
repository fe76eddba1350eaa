using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>A new store of Chat for each test, and an owner of a tenant.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public abstract class ChatStoreFixture(StoreEngine engine)
{
    private protected Guid Tenant { get; } = Guid.CreateVersion7();

    private protected ChatServices Chat { get; set; } = null!;

    private protected Caller Owner { get; private set; } = null!;

    private protected IChatClient Client => Chat.Get<IChatClient>();

    [SetUp]
    public void Open()
    {
        Chat = new ChatServices(engine);
        Owner = Chat.Person(Tenant, TenantRole.Owner);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (Chat is not null)
        {
            await Chat.DisposeAsync();
        }
    }

    private protected async Task<Guid> SayAsync(
        string conversation,
        string content,
        string role = "user",
        DateTimeOffset? createdAt = null,
        double? importance = null,
        string? userId = null,
        Guid? tenantId = null)
    {
        var (stored, problem) = await Chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest
            {
                TenantId = tenantId?.ToString(),
                ConversationId = conversation,
                Role = role,
                Content = content,
                CreatedAt = createdAt,
                Importance = importance,
                UserId = userId,
            },
            Owner,
            default,
            default);
        Assert.That(problem, Is.Null);
        return stored!.Message.Id;
    }
}
