using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Tells whether a document matches a filter as the server would: equal values, <c>$in</c>, <c>$nin</c>, <c>$ne</c>, comparisons, and <c>$or</c>.</summary>
/// <remarks>Documents have every field, with null where there is no value; a field holds single values of one kind, and bytes that are compared are ids.</remarks>
internal static class MongoMatch
{
    /// <summary>Whether it does.</summary>
    /// <exception cref="NotSupportedException">The filter has another operator, or compares with null.</exception>
    public static bool Matches(BsonDocument document, BsonDocument filter)
    {
        foreach (var condition in filter)
        {
            var holds = condition.Name == "$or"
                ? condition.Value.AsBsonArray.Any(either => Matches(document, either.AsBsonDocument))
                : Holds(document.GetValue(condition.Name, BsonNull.Value), condition.Value);
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(BsonValue value, BsonValue condition)
        => condition is BsonDocument { ElementCount: > 0 } operators && operators.GetElement(0).Name.StartsWith('$')
            ? operators.All(item => item.Name switch
            {
                "$in" => item.Value.AsBsonArray.Any(one => AreEqual(value, one)),
                "$nin" => !item.Value.AsBsonArray.Any(one => AreEqual(value, one)),
                "$ne" => !AreEqual(value, item.Value),
                "$gt" => Compare(value, item.Value) > 0,
                "$gte" => Compare(value, item.Value) >= 0,
                "$lt" => Compare(value, item.Value) < 0,
                "$lte" => Compare(value, item.Value) <= 0,
                _ => throw new NotSupportedException($"A filter with {item.Name} cannot be matched here."),
            })
            : AreEqual(value, condition);

    private static bool AreEqual(BsonValue one, BsonValue other) => one.CompareTo(other) == 0;

    /// <summary>Null where the values are of different kinds, of which none precedes the other. Servers do not agree on what precedes null.</summary>
    private static int? Compare(BsonValue one, BsonValue other)
        => other.IsBsonNull ? throw new NotSupportedException("A filter that compares with null cannot be matched here.")
            : one.BsonType == other.BsonType || (one.IsNumeric && other.IsNumeric) ? one.CompareTo(other) : null;
}
