using System.ComponentModel.DataAnnotations;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Tests.Unit.Http;

public class RequestValidationTests
{
    [Test]
    public void What_keeps_the_rules_passes()
        => Assert.That(RequestValidation.Check(new Order { CustomerName = "Ada", Lines = [new() { Count = 1 }], Address = new() { City = "London" } }), Is.Empty);

    [Test]
    public void Each_bad_field_is_named_as_JSON_names_it_in_lists_and_objects_too()
    {
        var errors = RequestValidation.Check(new Order { Lines = [new() { Count = 1 }, new() { Count = 0 }], Address = new() });
        Assert.That(errors.Keys, Is.EquivalentTo(new[] { "customer_name", "lines[1].count", "address.city" }));
    }

    [Test]
    public void What_is_left_out_is_not_looked_into()
        => Assert.That(RequestValidation.Check(new Order { CustomerName = "Ada" }), Is.Empty);

    private sealed record Order
    {
        [Required]
        public string? CustomerName { get; init; }

        public IReadOnlyList<Line>? Lines { get; init; }

        public Place? Address { get; init; }
    }

    private sealed record Line
    {
        [System.ComponentModel.DataAnnotations.Range(1, 10)]
        public int Count { get; init; }
    }

    private sealed record Place
    {
        [Required]
        public string? City { get; init; }
    }
}
