using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Settings of the queues on a RabbitMQ broker, section <c>Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Messaging";

    /// <summary>
    /// Kind of the durable queues: <c>quorum</c>, replicated where the broker is a cluster, or <c>classic</c>. Default <c>quorum</c>; the broker that <c>--processes</c> starts itself
    /// has classic ones. The kind of queues that are there cannot be changed: delete them while they are empty first.
    /// </summary>
    [RegularExpression("quorum|classic", ErrorMessage = "The field QueueType must be quorum or classic.")]
    public string QueueType { get; set; } = QueueTypes.Quorum;
}

/// <summary>Kinds of durable queues.</summary>
public static class QueueTypes
{
    /// <summary>Replicated where the broker is a cluster; counts how often it hands out an event.</summary>
    public const string Quorum = "quorum";

    /// <summary>On one node.</summary>
    public const string Classic = "classic";
}

[OptionsValidator]
internal sealed partial class MessagingOptionsValidator : IValidateOptions<MessagingOptions>;
