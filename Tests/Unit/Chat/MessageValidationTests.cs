using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Tests.Unit.Chat;

public class MessageValidationTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly CreateMessageRequest Good = new() { ConversationId = "c", Role = "user", Content = "hello" };

    [Test]
    public void The_smallest_message_is_allowed() => Assert.That(FaultsOf(Good), Is.Empty);

    [Test]
    public void The_largest_message_is_allowed()
        => Assert.That(
            FaultsOf(Good with
            {
                ConversationId = new string('c', 200),
                Content = new string('x', 32 * 1024),
                UserId = new string('ü', 100),
                Metadata = JsonSerializer.SerializeToElement(new { text = new string('x', 8 * 1024 - 11) }),
                Importance = 1,
                CreatedAt = Now.AddMinutes(5),
                ReplyTo = Guid.NewGuid().ToString(),
                ExtractMemory = false,
            }),
            Is.Empty);

    [Test]
    public void Missing_fields_are_named()
        => Assert.That(FaultsOf(new CreateMessageRequest()), Is.EquivalentTo(new[] { "conversation_id", "role", "content" }));

    [TestCase("User")]
    [TestCase("human")]
    [TestCase("")]
    public void A_role_is_one_of_four(string role) => Assert.That(FaultsOf(Good with { Role = role }), Is.EqualTo(new[] { "role" }));

    [TestCase("user")]
    [TestCase("assistant")]
    [TestCase("system")]
    [TestCase("tool")]
    public void The_four_roles_are_allowed(string role) => Assert.That(FaultsOf(Good with { Role = role }), Is.Empty);

    [TestCase(-0.001)]
    [TestCase(1.001)]
    [TestCase(double.NaN)]
    public void Importance_is_from_0_to_1(double importance)
        => Assert.That(FaultsOf(Good with { Importance = importance }), Is.EqualTo(new[] { "importance" }));

    [TestCase("   ")]
    [TestCase("a\0b")]
    public void Content_is_a_text(string content) => Assert.That(FaultsOf(Good with { Content = content }), Is.EqualTo(new[] { "content" }));

    [Test]
    public void A_lone_surrogate_is_refused()
    {
        // Built here, as an attribute cannot hold one.
        Assert.That(FaultsOf(Good with { Content = $"a{(char)0xD800}b" }), Is.EqualTo(new[] { "content" }));
        Assert.That(FaultsOf(Good with { ConversationId = $"{(char)0xDC00}" }), Is.EqualTo(new[] { "conversation_id" }));
    }

    [Test]
    public void Content_is_limited_in_bytes_of_utf_8()
    {
        Assert.That(FaultsOf(Good with { Content = new string('x', 32 * 1024 + 1) }), Is.EqualTo(new[] { "content" }));
        Assert.That(FaultsOf(Good with { Content = new string('語', 32 * 1024 / 3) }), Is.Empty);
        Assert.That(FaultsOf(Good with { Content = new string('語', (32 * 1024 / 3) + 1) }), Is.EqualTo(new[] { "content" }));
    }

    [TestCase(".")]
    [TestCase("..")]
    [TestCase("a\nb")]
    [TestCase(" ")]
    public void A_conversation_id_can_stand_in_a_path(string id)
        => Assert.That(FaultsOf(Good with { ConversationId = id }), Is.EqualTo(new[] { "conversation_id" }));

    [Test]
    public void Metadata_is_an_object_of_limited_size()
    {
        Assert.That(FaultsOf(Good with { Metadata = JsonSerializer.SerializeToElement(new[] { 1 }) }), Is.EqualTo(new[] { "metadata" }));
        Assert.That(
            FaultsOf(Good with { Metadata = JsonSerializer.SerializeToElement(new { text = new string('x', 8 * 1024) }) }), Is.EqualTo(new[] { "metadata" }));
    }

    [Test]
    public void A_time_is_at_most_five_minutes_in_the_future()
    {
        Assert.That(FaultsOf(Good with { CreatedAt = Now.AddMinutes(5).AddMilliseconds(1) }), Is.EqualTo(new[] { "created_at" }));
        Assert.That(FaultsOf(Good with { CreatedAt = Now.AddYears(-20) }), Is.Empty);
        Assert.That(FaultsOf(Good with { CreatedAt = DateTimeOffset.MinValue }), Is.EqualTo(new[] { "created_at" }));
    }

    [Test]
    public void A_reply_names_a_message_by_its_id() => Assert.That(FaultsOf(Good with { ReplyTo = "first" }), Is.EqualTo(new[] { "reply_to" }));

    private static string[] FaultsOf(CreateMessageRequest request)
        => [.. (StoreMessages.Check(request, Now)?.ProblemDetails as HttpValidationProblemDetails)?.Errors.Keys ?? []];
}
