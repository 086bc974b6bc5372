"""What does the Government Publishing Office's keyless bulk data say of bills of the US Congress?"""
