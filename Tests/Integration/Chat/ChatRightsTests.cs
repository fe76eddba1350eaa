using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Tests.Integration.Chat;

public class ChatRightsTests
{
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly Guid _otherTenant = Guid.CreateVersion7();
    private ChatServices _chat = null!;
    private Caller _owner = null!;
    private Caller _member = null!;
    private Caller _otherMember = null!;
    private Caller _viewer = null!;

    [SetUp]
    public void Open()
    {
        _chat = new ChatServices();
        _owner = _chat.Person(_tenant, TenantRole.Owner);
        _member = _chat.Person(_tenant, TenantRole.Member);
        _otherMember = _chat.Person(_tenant, TenantRole.Member);
        _viewer = _chat.Person(_tenant, TenantRole.Viewer);
    }

    [TearDown]
    public async Task CloseAsync() => await _chat.DisposeAsync();

    [Test]
    public async Task A_member_reaches_conversations_of_its_own_only()
    {
        var own = await SayAsync(_member, "own");
        var foreign = await SayAsync(_otherMember, "foreign");
        Assert.Multiple(async () =>
        {
            Assert.That(await ReadAsync(_member, own), Is.EqualTo(200));
            Assert.That(await ReadAsync(_member, foreign), Is.EqualTo(404));
            Assert.That(await UpdateAsync(_member, foreign), Is.EqualTo(404));
            Assert.That(await DeleteAsync(_member, foreign), Is.EqualTo(404));
            Assert.That(await FindAsync(_member, "foreign", Permission.Read), Is.EqualTo(404));
            Assert.That(await FindAsync(_member, "own", Permission.Write), Is.EqualTo(200));
            Assert.That(await ListAsync(_member, null), Is.EqualTo(new[] { "own" }));
            Assert.That(await ListAsync(_member, _otherMember.AccountId.ToString()), Is.Null);
        });
    }

    [Test]
    public async Task A_member_stores_for_itself_only()
    {
        await SayAsync(_otherMember, "foreign");
        Assert.That(await TrySayAsync(_member, "foreign"), Is.EqualTo(404), "into a conversation of another");
        Assert.That(await TrySayAsync(_member, "new", _otherMember.AccountId.ToString()), Is.EqualTo(404), "for another subject");
        Assert.That(await TrySayAsync(_member, "new", _member.AccountId.ToString()), Is.EqualTo(201));
        Assert.That(await TrySayAsync(_viewer, "viewed"), Is.EqualTo(403));
        var (_, problem) = await _chat.Get<CreateConversation>().CreateAsync(
            new CreateConversationRequest { ConversationId = "foreign" }, _member, null, default);
        Assert.That(problem!.StatusCode, Is.EqualTo(404), "an id that is another's");
    }

    [Test]
    public async Task A_reply_does_not_tell_what_a_foreign_conversation_holds()
    {
        var foreign = await SayAsync(_otherMember, "foreign");
        foreach (var target in new[] { foreign, Guid.NewGuid() })
        {
            var (_, problem) = await _chat.Get<StoreMessages>().StoreAsync(
                new CreateMessageRequest { ConversationId = "foreign", Role = "user", Content = "x", ReplyTo = target.ToString() }, _member, default, default);
            Assert.That(problem!.StatusCode, Is.EqualTo(404));
        }
    }

    [Test]
    public async Task An_admin_reaches_and_stores_for_every_subject()
    {
        var foreign = await SayAsync(_member, "theirs");
        Assert.That(await ReadAsync(_owner, foreign), Is.EqualTo(200));
        Assert.That(await TrySayAsync(_owner, "theirs", "customer-9"), Is.EqualTo(201));
        Assert.That(await TrySayAsync(_owner, "customers", "customer-9"), Is.EqualTo(201));
        Assert.That(await ListAsync(_owner, null), Is.EquivalentTo(new[] { "theirs", "customers" }));
        Assert.That(await ListAsync(_owner, "customer-9"), Is.EqualTo(new[] { "customers" }));
        Assert.That(await UpdateAsync(_owner, foreign), Is.EqualTo(200));
        Assert.That(await DeleteAsync(_owner, foreign), Is.EqualTo(200));
    }

    [Test]
    public async Task A_viewer_is_told_it_may_not_write_only_where_it_may_read()
    {
        var own = await SayAsync(_member, "viewed");
        _chat.Members.Roles[(_member.AccountId, _tenant)] = TenantRole.Viewer;
        _chat.Get<PrincipalCache>().Clear();
        var foreign = await SayAsync(_otherMember, "foreign");
        Assert.That(await ReadAsync(_member, own), Is.EqualTo(200));
        Assert.That(await UpdateAsync(_member, own), Is.EqualTo(403));
        Assert.That(await DeleteAsync(_member, own), Is.EqualTo(403));
        Assert.That(await UpdateAsync(_member, foreign), Is.EqualTo(404));
        Assert.That(await DeleteAsync(_member, Guid.NewGuid()), Is.EqualTo(404));
    }

    [Test]
    public async Task An_api_key_cannot_tell_a_message_of_another_tenant_from_an_unknown_one()
    {
        _chat.Members.Roles[(_owner.AccountId, _otherTenant)] = TenantRole.Owner;
        var elsewhere = await SayAsync(_owner, "elsewhere", _otherTenant);
        var here = await SayAsync(_owner, "here");
        foreach (var scopes in new[] { new[] { KeyScopes.Read }, [KeyScopes.Write], [] })
        {
            var key = ChatServices.KeyOf(_owner, _tenant, scopes);
            Assert.That(await ReadAsync(key, elsewhere), Is.EqualTo(await ReadAsync(key, Guid.NewGuid())));
            Assert.That(await UpdateAsync(key, elsewhere), Is.EqualTo(await UpdateAsync(key, Guid.NewGuid())));
            Assert.That(await ReadAsync(key, here), Is.EqualTo(scopes.Contains(KeyScopes.Read) ? 200 : 403));
            Assert.That(await UpdateAsync(key, here), Is.EqualTo(scopes.Contains(KeyScopes.Write) ? 200 : 403));
        }

        Assert.That(await ReadAsync(_owner, elsewhere), Is.EqualTo(200), "a login session finds the tenant by the message");
    }

    [Test]
    public async Task A_message_about_another_subject_is_seen_by_the_conversations_subject_only()
    {
        var own = await SayAsync(_member, "shared");
        var about = await SayAsync(_owner, "shared", _tenant, _otherMember.AccountId.ToString());
        Assert.That(await ReadAsync(_member, own), Is.EqualTo(200));
        Assert.That(await ReadAsync(_member, about), Is.EqualTo(200));
        Assert.That(await ReadAsync(_otherMember, about), Is.EqualTo(404));
    }

    private async Task<Guid> SayAsync(Caller caller, string conversation, Guid? tenantId = null, string? userId = null)
    {
        var (stored, problem) = await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { TenantId = tenantId?.ToString(), ConversationId = conversation, Role = "user", Content = "x", UserId = userId },
            caller,
            default,
            default);
        Assert.That(problem, Is.Null);
        return stored!.Message.Id;
    }

    private async Task<int> TrySayAsync(Caller caller, string conversation, string? userId = null)
    {
        var (_, problem) = await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = conversation, Role = "user", Content = "x", UserId = userId }, caller, default, default);
        return problem?.StatusCode ?? 201;
    }

    private async Task<int> ReadAsync(Caller caller, Guid id)
        => StatusOf((await _chat.Get<FindMessages>().FindAsync(caller, null, id, Permission.Read, default)).Problem);

    private async Task<int> UpdateAsync(Caller caller, Guid id)
        => StatusOf((await _chat.Get<UpdateMessages>().UpdateAsync(
            id, new UpdateMessageRequest { Content = "changed" }, VersionCondition.Any, caller, null, default)).Problem);

    private async Task<int> DeleteAsync(Caller caller, Guid id)
        => StatusOf(await _chat.Get<DeleteMessages>().DeleteAsync(id, VersionCondition.Any, caller, null, default));

    private async Task<int> FindAsync(Caller caller, string conversation, Permission permission)
        => StatusOf((await _chat.Get<FindConversation>().FindAsync(caller, null, conversation, permission, default)).Problem);

    private async Task<string[]?> ListAsync(Caller caller, string? userId)
        => (await _chat.Get<ListConversations>().ListAsync(caller, null, userId, 50, null, default)).Page?.Conversations
            .Select(conversation => conversation.ConversationId).ToArray();

    private static int StatusOf(ProblemHttpResult? problem) => problem?.StatusCode ?? 200;
}
