using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Search.Filters;

/// <summary>What a filter means: for the index beforehand, and for an item that was read.</summary>
internal static class ItemFilterRules
{
    /// <summary>Adds conditions, and tells the index what of them it can tell too. Nothing that meets them is lost by it.</summary>
    public static ItemFilter With(this ItemFilter filter, SearchFilter? conditions, KeyedNames names)
    {
        filter = filter with { Conditions = SearchFilter.Join(filter.Conditions, conditions) };
        return conditions switch
        {
            SearchFilter.All all => all.Parts.OfType<SearchFilter.Condition>().Aggregate(filter, (narrowed, part) => Narrow(narrowed, part, names)),
            SearchFilter.Condition one => Narrow(filter, one, names),
            _ => filter,
        };
    }

    /// <summary>Whether a message that was read may be found. The index follows its owner with a delay, so what it was asked is asked once more.</summary>
    public static bool Allows(this ItemFilter filter, ChatMessage message)
        => !message.Archived
            && (filter.OwnerKeys is null || filter.OwnerKeys.Contains(message.SubjectKey))
            && (filter.ConversationKey is null || filter.ConversationKey == message.ConversationKey)
            && (filter.ThreadId is null || filter.ThreadId == message.ThreadId)
            && (filter.Conditions is null || filter.Conditions.Matches(new FilterSubject
            {
                Role = message.Role,
                ConversationId = message.ConversationId,
                UserId = message.UserId,
                CreatedAt = message.CreatedAt,
                Importance = message.Importance,
                MetadataJson = message.MetadataJson,
            }));

    /// <summary>Whether a memory that was read meets the conditions on its metadata.</summary>
    public static bool Allows(this ItemFilter filter, MemoryItem memory)
        => filter.Conditions is null || filter.Conditions.Matches(new FilterSubject
        {
            Role = "",
            ConversationId = "",
            UserId = memory.UserId ?? "",
            CreatedAt = memory.CreatedAt,
            Importance = memory.Importance,
            MetadataJson = memory.MetadataJson,
        });

    private static ItemFilter Narrow(ItemFilter filter, SearchFilter.Condition condition, KeyedNames names)
    {
        var value = condition.Values[0];
        switch (condition)
        {
            case { Field: FilterField.Role, Operator: FilterOperator.Eq or FilterOperator.In } when filter.Roles.Count == 0:
                return filter with { Roles = [.. condition.Values.Select(role => MessageRoleNames.All[role.Text!])] };
            case { Field: FilterField.ConversationId, Operator: FilterOperator.Eq } when filter.ConversationKey is null:
                return filter with { ConversationKey = names.ConversationKey(filter.TenantId, value.Text!) };
            case { Field: FilterField.UserId, Operator: FilterOperator.Eq } when filter.OwnerKeys is null:
                return filter with { OwnerKeys = [names.SubjectKey(filter.TenantId, value.Text!)] };
            case { Field: FilterField.CreatedAt, Operator: FilterOperator.Gt or FilterOperator.Gte } when filter.From is null || filter.From < value.Time:
                return filter with { From = value.Time };
            case { Field: FilterField.CreatedAt, Operator: FilterOperator.Lt or FilterOperator.Lte } when filter.To is null || filter.To > value.Time:
                return filter with { To = value.Time };
            default:
                return filter;
        }
    }
}

/// <summary>Names of the roles in the API.</summary>
internal static class MessageRoleNames
{
    public static readonly IReadOnlyDictionary<string, MessageRole> All = new OrderedDictionary<string, MessageRole>(StringComparer.Ordinal)
    {
        ["user"] = MessageRole.User,
        ["assistant"] = MessageRole.Assistant,
        ["system"] = MessageRole.System,
        ["tool"] = MessageRole.Tool,
    };
}
