using System.Net;
using MemoryMesh.Client;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Client;

/// <summary>The typed client against the running product.</summary>
public class ClientFlowTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task An_account_is_registered_logs_in_makes_a_key_and_logs_out()
    {
        using var anonymous = new MemoryMeshClient(Host.Address);
        var name = $"c{Guid.NewGuid():N}"[..20];
        var account = await anonymous.Auth.RegisterAsync(new NewAccount($"{name}@example.com", name, Person.Password));
        var tokens = await anonymous.Auth.RefreshAsync((await anonymous.Auth.LogInAsync(account.Email, Person.Password)).RefreshToken);
        using var session = new MemoryMeshClient(Host.Address, new MemoryMeshClientOptions { AccessToken = tokens.AccessToken });
        var me = await session.Auth.GetMeAsync();
        Assert.That((me.Id, me.Username, me.TenantId), Is.EqualTo((account.Id, name, account.TenantId)));

        var key = await session.Auth.CreateApiKeyAsync(new NewApiKey { Name = "app", Scopes = ["read"] });
        using var app = new MemoryMeshClient(Host.Address, new MemoryMeshClientOptions { ApiKey = key.Key });
        Assert.That((await app.Auth.GetMeAsync()).ApiKeyId, Is.EqualTo(key.Id));
        Assert.That((await session.Auth.ListApiKeysAsync()).Select(item => item.Id), Is.EqualTo((string[])[key.Id]));
        var refusal = Assert.ThrowsAsync<MemoryMeshException>(() => app.Memories.AddAsync(new NewMemory { Text = "User likes tea." }));
        Assert.That((refusal.StatusCode, refusal.Kind), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")));
        await session.Auth.RevokeApiKeyAsync(key.Id);
        await session.Auth.LogOutAsync();
        Assert.That(Assert.ThrowsAsync<MemoryMeshException>(() => session.Auth.GetMeAsync()).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Messages_are_stored_found_and_remembered()
    {
        var client = await SignUpAsync();
        const string Chat = "chat a/b %2F?";
        var stored = await client.Messages.StoreAsync(
            new NewMessage { ConversationId = Chat, Role = "user", Content = "My name is Honda. I love Python." }, StoreWait.Indexed | StoreWait.Memories);
        Assert.That(stored.Waited, Is.True);

        var again = await client.Messages.StoreManyAsync(
            [new NewMessage { ConversationId = Chat, Role = "assistant", Content = "Hello Honda." }, new NewMessage { ConversationId = Chat, Role = "nobody", Content = "x" }]);
        Assert.That(again.Results.Select(result => (result.Status, result.Problem?.Kind)), Is.EqualTo((object[])[(201, (string?)null), (400, "invalid-request")]));

        var found = await client.Search.MessagesAsync(new MessageSearch { Query = "Python", ConversationId = Chat, From = DateTimeOffset.UtcNow.AddHours(-1), Explain = true });
        Assert.That(found.Results.Select(result => result.Message.Content), Is.EqualTo((string[])[stored.Message.Content]));
        var facts = await client.Memories.ListAsync(new MemoryQuery { PageSize = 1 }).ToListAsync();
        Assert.That(facts.Select(fact => fact.Category), Is.SupersetOf((string[])["name", "preference"]));
        Assert.That(facts[0].Sources.Single().ConversationId, Is.EqualTo(Chat));
        var context = await client.Context.GetAsync("another chat", new ContextQuery { Query = "Who am I?" });
        Assert.That(context.Text, Does.Contain("Honda"));

        var conversation = await client.Conversations.UpdateAsync(Chat, new ConversationChanges { Title = "First" }, version: 1);
        Assert.That((conversation.Title, conversation.MessageCount), Is.EqualTo(("First", 2L)));
        Assert.That(await client.Conversations.ListAsync().Select(item => item.ConversationId).ToListAsync(), Is.EqualTo((string[])[Chat]));
        Assert.That((await client.Conversations.GetStatsAsync(Chat)).MessagesByRole["assistant"], Is.EqualTo(1));
        Assert.That((await client.Conversations.ListMessagesPageAsync(Chat)).Messages.Select(message => message.Role), Is.EqualTo((string[])["user", "assistant"]));
        var newest = await client.Conversations.ListMessagesNewestFirstAsync(Chat, new MessageQuery { Limit = 1 }).Select(message => message.Role).ToListAsync();
        Assert.That(newest, Is.EqualTo((string[])["assistant", "user"]));
        var changed = await client.Messages.UpdateAsync(again.Results[0].Id!, new MessageChanges { Content = "Hello." });
        Assert.That((await client.Messages.GetAsync(changed.Id)).Content, Is.EqualTo("Hello."));
        var stale = Assert.ThrowsAsync<MemoryMeshException>(() => client.Messages.DeleteAsync(changed.Id, version: 1));
        Assert.That(stale.Kind, Is.EqualTo("precondition-failed"));
        await client.Messages.DeleteAsync(changed.Id);
        await client.Conversations.DeleteAsync(Chat);
        Assert.That(Assert.ThrowsAsync<MemoryMeshException>(() => client.Conversations.GetAsync(Chat)).Kind, Is.EqualTo("not-found"));
    }

    [Test]
    public async Task Memories_are_added_changed_searched_and_deleted()
    {
        var client = await SignUpAsync();
        var metadata = System.Text.Json.JsonElement.Parse("""{"from":"form"}""");
        var added = await client.Memories.AddAsync(new NewMemory { Text = "User plays the violin.", UserId = "ann", Metadata = metadata }, "key-1");
        var replayed = await client.Memories.AddAsync(new NewMemory { Text = "User plays the violin.", UserId = "ann", Metadata = metadata }, "key-1");
        Assert.That(replayed.Id, Is.EqualTo(added.Id));

        var changed = await client.Memories.UpdateAsync(added.Id, new MemoryChanges { Text = "User plays the cello." }, version: added.Version);
        Assert.That((changed.Text, changed.Version, changed.Metadata!.Value.GetProperty("from").GetString()), Is.EqualTo(("User plays the cello.", 2, "form")));
        Assert.That((await client.Memories.UpdateAsync(added.Id, new MemoryChanges { Metadata = System.Text.Json.JsonElement.Parse("null") })).Metadata, Is.Null);
        await Eventually.TrueAsync(
            async () => (await client.Memories.GetAsync(added.Id)).Status == "completed", TimeSpan.FromSeconds(30), () => "It was not completed.");
        var found = await client.Search.MemoriesAsync(new MemorySearch { Query = "cello", UserId = "ann", Scopes = ["user"] });
        Assert.That(found.Results.Select(result => result.Memory.Id), Is.EqualTo((string[])[added.Id]));
        var history = await client.Memories.GetHistoryAsync(added.Id);
        Assert.That(history.History.Select(entry => entry.Event), Is.EqualTo((string[])["ADD", "UPDATE", "UPDATE"]));
        Assert.That(Assert.ThrowsAsync<MemoryMeshException>(() => client.Memories.RetryAsync(added.Id)).StatusCode, Is.EqualTo(HttpStatusCode.Conflict));

        await client.Memories.AddAsync(new NewMemory { Text = "User has a dog.", UserId = "ann" });
        var deleted = await client.Memories.DeleteAllAsync(new MemoryOwner { UserId = "ann" }, optOut: true);
        Assert.That((deleted.Deleted, deleted.OptedOut), Is.EqualTo((2, true)));
        Assert.That((await client.Memories.GetSettingsAsync("ann")).OptedOut, Is.True);
        Assert.That((await client.Memories.SetOptedOutAsync(false, "ann")).OptedOut, Is.False);
    }

    [Test]
    public async Task Organizations_have_teams_and_members()
    {
        var (owner, friend) = (await SignUpAsync(), await SignUpAsync());
        var me = await friend.Auth.GetMeAsync();
        var organization = await owner.Organizations.CreateAsync("Acme", $"acme-{Guid.NewGuid():N}"[..20]);
        await owner.Organizations.AddMemberAsync(organization.Slug!, new NewMember { Username = me.Username, Role = "viewer" });
        Assert.That((await owner.Organizations.SetMemberRoleAsync(organization.Id, me.Id, "member")).Role, Is.EqualTo("member"));
        var team = await owner.Organizations.CreateTeamAsync(organization.Id, "Sales");
        await owner.Organizations.AddTeamMemberAsync(organization.Id, team.Id, new NewMember { UserId = me.Id, Role = "viewer" });
        Assert.That((await owner.Organizations.SetTeamMemberRoleAsync(organization.Id, team.Id, me.Id, "admin")).Role, Is.EqualTo("admin"));
        Assert.That((await friend.Organizations.RenameTeamAsync(organization.Id, team.Id, "Sales 2")).Name, Is.EqualTo("Sales 2"));
        Assert.That(await friend.Organizations.ListAsync().Select(item => item.Id).ToListAsync(), Does.Contain(organization.Id));
        Assert.That(await friend.Organizations.ListMembersAsync(organization.Id).CountAsync(), Is.EqualTo(2));
        Assert.That(await friend.Organizations.ListTeamMembersAsync(organization.Id, team.Id).CountAsync(), Is.EqualTo(2));
        Assert.That((await friend.Organizations.GetTeamMemberAsync(organization.Id, team.Id, me.Id)).Role, Is.EqualTo("admin"));
        await friend.Organizations.RemoveTeamMemberAsync(organization.Id, team.Id, me.Id);
        await owner.Organizations.DeleteTeamAsync(organization.Id, team.Id);
        Assert.That(await owner.Organizations.ListTeamsAsync(organization.Id).CountAsync(), Is.Zero);
        await owner.Organizations.RemoveMemberAsync(organization.Id, me.Id);
        Assert.That((await owner.Organizations.UpdateAsync(organization.Id, "Acme 2")).Name, Is.EqualTo("Acme 2"));
        await owner.Organizations.DeleteAsync(organization.Id);
        Assert.That(Assert.ThrowsAsync<MemoryMeshException>(() => owner.Organizations.GetAsync(organization.Id)).Kind, Is.EqualTo("not-found"));
    }

    private async Task<MemoryMeshClient> SignUpAsync() => new((await Person.RegisterAsync(Host)).Client);
}
