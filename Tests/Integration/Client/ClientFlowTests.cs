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

    [Test]
    public async Task What_was_true_earlier_is_found_listed_and_undone()
    {
        var client = await SignUpAsync();
        await client.Messages.StoreAsync(
            new NewMessage { ConversationId = "c", Role = "user", Content = "I live in Berlin.", CreatedAt = DateTimeOffset.UtcNow.AddYears(-3) }, StoreWait.Memories);
        var said = await client.Messages.StoreAsync(
            new NewMessage { ConversationId = "c", Role = "user", Content = "I moved to Munich.", CreatedAt = DateTimeOffset.UtcNow.AddYears(-1) }, StoreWait.Memories);
        var munich = (await client.Memories.ListPageAsync()).Memories.Single();
        Assert.That((await client.Memories.GetSourcesAsync(munich.Id)).Sources.Single().MessageId, Is.EqualTo(said.Message.Id));
        var ledger = await client.Memories.ListExtractionsAsync(new ExtractionQuery { MessageId = said.Message.Id });
        Assert.That(ledger.Extractions.Select(entry => (entry.Outcome, entry.Extractor)), Is.EqualTo((object[])[("superseded", "rules")]));

        IReadOnlyList<FoundMemory> found = [];
        await Eventually.TrueAsync(
            async () => (found = (await client.Search.MemoriesAsync(new MemorySearch { Query = "live", View = "superseded", Highlights = true })).Results).Count == 2,
            Eventually.Patience,
            () => $"{found.Count} were found.");
        var berlin = found.Single(result => result.Memory.State == "superseded");
        Assert.That((berlin.Memory.SupersededBy, berlin.Highlights!.Count), Is.EqualTo((munich.Id, 1)));
        var then = await client.Search.MemoriesAsync(new MemorySearch { Query = "live", AsOf = DateTimeOffset.UtcNow.AddYears(-2) });
        Assert.That(then.Results.Select(result => result.Id), Is.EqualTo((string[])[berlin.Id]));
        var filter = System.Text.Json.JsonElement.Parse("""{"field": "metadata.none", "op": "exists"}""");
        Assert.That((await client.Search.MemoriesAsync(new MemorySearch { Query = "live", View = "all", Filter = filter })).Count, Is.Zero);

        Assert.That((await client.Memories.UndoAsync(munich.Id)).State, Is.EqualTo("withdrawn"));
        Assert.That((await client.Memories.GiveFeedbackAsync(berlin.Id, "sensitive")).HoldReason, Is.EqualTo("sensitive"));
        Assert.That((await client.Memories.ListReviewsAsync(reason: "sensitive")).Memories.Single().Id, Is.EqualTo(berlin.Id));
        Assert.That((await client.Memories.ApproveAsync(berlin.Id, idempotencyKey: "approve")).State, Is.EqualTo("current"));
        await client.Memories.GiveFeedbackAsync(berlin.Id, "sensitive", idempotencyKey: "feedback");
        await client.Memories.ApproveAsync(berlin.Id, idempotencyKey: "approve-again");
        Assert.That((await client.Memories.GiveFeedbackAsync(berlin.Id, "sensitive", idempotencyKey: "feedback")).State, Is.EqualTo("current"), "What is repeated is done once.");
    }

    [Test]
    public async Task What_is_learned_is_settled_consolidated_and_handed_over()
    {
        var client = await SignUpAsync();
        var me = (await client.Auth.GetMeAsync()).Id;
        Assert.That((await client.Memories.SetPolicyAsync(reviewInferred: false)).ReviewInferred, Is.False);
        Assert.That((await client.Memories.SetSettingsAsync(false, ["preference", "constraint"])).AllowedCategories, Is.EquivalentTo((string[])["preference", "constraint"]));
        Assert.That((await client.Memories.SetSettingsAsync(false, null)).AllowedCategories, Is.Null);
        var settings = await client.Memories.SetExtractionSettingsAsync("Mind diets.", ["preference", "constraint", "location"]);
        Assert.That((settings.Version, settings.Instructions), Is.EqualTo((1, "Mind diets.")));
        Assert.That((await client.Memories.GetExtractionSettingsAsync()).Categories, Has.Count.EqualTo(3));
        await client.Memories.ResetExtractionSettingsAsync();

        await client.Messages.StoreAsync(new NewMessage { ConversationId = "c", Role = "user", Content = "I love Python. Please remember that I am Catholic." }, StoreWait.Memories);
        Assert.That((await client.Memories.ListConsentsAsync()).Consents, Has.Count.EqualTo(1));
        var block = await client.Blocks.AddAsync(new NewBlock { Label = "persona", Text = "Be brief." }, "block");
        Assert.That((await client.Blocks.AddAsync(new NewBlock { Label = "persona", Text = "Be brief." }, "block")).Id, Is.EqualTo(block.Id));
        await client.Subjects.SetPreferencesAsync(me, new Dictionary<string, string?> { ["verbosity"] = "concise" });
        Assert.That((await client.Subjects.GetProfileAsync(me)).Static, Is.Not.Empty);
        var context = await client.Context.AssembleAsync(new BundleQuery { ConversationId = "c", Query = "Python", Format = "xml", Budget = new Dictionary<string, double> { ["memories"] = .5 } });
        Assert.That((context.Blocks.Single().Text, context.Messages.Count, context.Style.Preferences.Single().Value), Is.EqualTo(("Be brief.", 1, "concise")));
        Assert.That(context.Memories.Select(memory => memory.Text), Has.Some.Contain("Python"));
        Assert.That(context.Budget.Single(part => part.Section == "memories").Share, Is.EqualTo(.5));
        var brief = await client.Context.AssembleAsync(new BundleQuery { Sections = ["style"] });
        Assert.That((brief.Blocks.Count, brief.Format), Is.EqualTo((0, "markdown")));
        Assert.That((await client.Conversations.GetSummaryAsync("c")).Method, Is.EqualTo("extractive"));
        Assert.That((await client.Analytics.GetLlmUsageAsync(DateTimeOffset.UtcNow.AddDays(-1), interval: "hour")).Points, Is.All.Property("Calls").Zero);

        var run = await client.Memories.ConsolidateAsync(dryRun: true, idempotencyKey: "k");
        Assert.That((await client.Memories.ConsolidateAsync(dryRun: true, idempotencyKey: "k")).Id, Is.EqualTo(run.Id));
        await Eventually.TrueAsync(
            async () => (run = await client.Memories.GetConsolidationAsync(run.Id)).Status == "completed", Eventually.Patience, () => $"It did not end: {run}");
        Assert.That((run.DryRun, run.Trigger, run.Merged), Is.EqualTo((true, "request", 0)));
        Assert.That((await client.Memories.ListConsolidationsAsync()).Consolidations.Single(item => item.Trigger == "request").Id, Is.EqualTo(run.Id), "The nightly run may come between.");
        Assert.That((await client.Memories.ListConsolidationChangesAsync(run.Id)).Changes, Is.Empty);
    }

    private async Task<MemoryMeshClient> SignUpAsync() => new((await Person.RegisterAsync(Host)).Client);
}
