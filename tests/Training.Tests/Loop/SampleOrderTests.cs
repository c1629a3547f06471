using EdgePrune.Training.Loop;

namespace EdgePrune.Training.Tests.Loop;

public sealed class SampleOrderTests
{
    [Theory]
    [InlineData(10, 10)]
    [InlineData(65, 64)]
    [InlineData(100, 7)]
    [InlineData(1, 1)]
    public void Every_sample_comes_once_an_epoch(int samples, int batch)
    {
        var order = new SampleOrder(samples, batch, 3);
        var drawn = Enumerable.Range(0, (int)order.EndOf(3)).SelectMany(step => order.Batch(step)).ToList();

        Assert.True(drawn.Count >= 4 * samples && drawn.Count < (4 * samples) + batch);
        foreach (var epoch in drawn.GroupBy(d => d.Epoch).Where(e => e.Key < 4))
        {
            Assert.Equal(Enumerable.Range(0, samples), epoch.Select(d => d.Sample).Order());
        }
    }

    [Fact]
    public void Ends_of_epochs_rise_and_cover_their_samples()
    {
        for (int samples = 1; samples < 40; samples++)
        {
            for (int batch = 1; batch <= samples; batch++)
            {
                var order = new SampleOrder(samples, batch, 0);
                for (int epoch = 0; epoch < 5; epoch++)
                {
                    Assert.True(order.EndOf(epoch) * batch >= (epoch + 1) * samples && (order.EndOf(epoch) - 1) * batch < (epoch + 1) * samples);
                    Assert.True(order.EndOf(epoch + 1) > order.EndOf(epoch));
                }
            }
        }
    }

    [Fact]
    public void The_order_depends_on_seed_and_epoch_and_not_on_the_batch()
    {
        int[] Epoch(int seed, int batch, long epoch) =>
            [.. Enumerable.Range(0, 200).SelectMany(step => new SampleOrder(50, batch, seed).Batch(step)).Where(d => d.Epoch == epoch).Select(d => d.Sample).Take(50)];

        Assert.Equal(Epoch(1, 10, 2), Epoch(1, 7, 2));
        Assert.NotEqual(Epoch(1, 10, 2), Epoch(2, 10, 2));
        Assert.NotEqual(Epoch(1, 10, 2), Epoch(1, 10, 3));
    }
}
